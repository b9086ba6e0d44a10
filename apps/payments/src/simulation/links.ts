import { cancelLink, createLink, expireLink, followPayment } from '../domain/payment-link.ts';
import type { LinkDecision, PaymentLink } from '../domain/payment-link.ts';
import type { PaymentFact } from '../domain/payment.ts';
import type { World } from './world.ts';

export function makeLink(world: World, id: string, amountMinor: bigint): void {
  const names = { keyId: 'k', policyId: 'policy', carrierId: 'carrier', employerId: 'employer', customer: {} };
  const nothing = { metadata: {}, invoiceLocator: null, payeeName: null, dueOn: null, plan: null };
  const asked = { tenantId: 't', id, paymentType: 'down_payment', amountMinor, currency: 'USD' } as const;
  decide(world, createLink({ ...asked, ...names, ...nothing, expiresAt: world.later(400) }, world.now));
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
