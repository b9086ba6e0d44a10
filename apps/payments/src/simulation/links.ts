import { createAttempt } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import { DomainError } from '../domain/errors.ts';
import { cancelLink, createLink, expireLink, followPayment, isPayable } from '../domain/payment-link.ts';
import type { LinkDecision, PaymentLink } from '../domain/payment-link.ts';
import { createPayment, execute } from '../domain/payment.ts';
import type { PaymentFact } from '../domain/payment.ts';
import { sayPayments } from './recording.ts';
import { leaseMs } from './world.ts';
import type { World } from './world.ts';

export function makeLink(world: World, id: string, amountMinor: bigint): void {
  const names = { keyId: 'k', policyId: 'policy', carrierId: 'carrier', employerId: 'employer', customer: {} };
  const nothing = { metadata: {}, invoiceLocator: null, payeeName: null, dueOn: null, plan: null };
  const asked = { tenantId: 't', id, paymentType: 'down_payment', amountMinor, currency: 'USD' } as const;
  decide(world, createLink({ ...asked, ...names, ...nothing, expiresAt: world.later(400) }, world.now));
}

/** Nobody asked a second time: a link has one payment under way at most, and takes one. */
export function payLink(world: World, linkId: string, operationId: string): Attempt {
  const { store, now } = world;
  const link = store.links.get(linkId)!;
  if (!isPayable(link, now)) throw new DomainError('invalid_transition', 'the link cannot be paid');
  const id = world.newId();
  const { tenantId, amountMinor, currency } = link;
  const asked = { tenantId, id, displayId: id, amountMinor, currency, channel: 'link', linkId, now } as const;
  const created = createPayment({ ...asked, method: 'card' }, 'ready');
  const executed = execute(created.next, now);
  store.putPayment(executed.next);
  sayPayments(world, [...created.facts, ...executed.facts]);
  return createAttempt(executed.next, {
    ...{ operationId, provider: 'simulated', operation: 'charge', token: 'tok' },
    ...{ createdAt: now, submittedAt: now, nextCheckAt: world.later(leaseMs) },
    state: 'submitted',
  });
}

/** What may happen to a link while it is being paid: it is withdrawn, or its time is over. */
export function closeLink(world: World, linkId: string): void {
  const link = world.store.links.get(linkId)!;
  if (link.status !== 'active') return;
  if (world.scheduler.now >= link.expiresAt.getTime()) decide(world, expireLink(link, world.now));
  else if (world.random.chance(0.2)) decide(world, cancelLink(link, world.now));
}

/** What a fact about a payment does to its link, in the same transaction. */
export function followLink(world: World, link: PaymentLink, fact: PaymentFact): void {
  const decision = followPayment(link, fact, world.now);
  if (decision) decide(world, decision);
}

function decide({ store }: World, { next, facts }: LinkDecision): void {
  store.links.set(next.id, next);
  for (const { type, link } of facts) store.say(link.id, link.version, type);
}
