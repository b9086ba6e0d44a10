import { attemptKey } from '../domain/attempt.ts';
import { collect } from '../domain/collection.ts';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { askedOf, send } from './asking.ts';
import { recordAttempt, sayPayments } from './recording.ts';
import type { Process } from './scheduler.ts';
import { leaseMs } from './world.ts';
import type { World } from './world.ts';

const epoch = new Date(0);
const method: PaymentMethod = {
  ...{ tenantId: 't', id: 'method', version: 1, provider: 'simulated', token: 'tok', state: 'active' },
  ...{ type: 'card', brand: null, last4: null, expiresOn: null, currency: null, fingerprint: null, mandate: null },
  ...{ policyholderLocator: 'holder', isDefault: true, expiryToldFor: null, createdAt: epoch, updatedAt: epoch },
};
const attemptsMax = 3;

/** Billing asks for an instalment, at least once, and again after each no that may be a yes another day. */
export function collectInstalment(world: World, sourceId: string, amountMinor: bigint): void {
  const { scheduler, random } = world;
  const askFor = (sourceAttempt: number): void => {
    world.deliver(() => hear(sourceAttempt));
  };
  // Whoever dies before the commit gets the event again.
  const hear = (n: number): void => {
    const again = () => scheduler.after(random.between(5, 20), () => hear(n));
    scheduler.spawn(asked(world, { sourceId, sourceAttempt: n, amountMinor }), undefined, again);
  };
  world.onBooked.push(({ type, payment }) => {
    if (payment?.sourceId !== sourceId || type !== 'failed' || payment.failure?.retryable !== true) return;
    const next = (payment.sourceAttempt ?? 0) + 1;
    if (next <= attemptsMax) askFor(next);
  });
  askFor(1);
}

function* asked(world: World, ask: { sourceId: string; sourceAttempt: number; amountMinor: bigint }): Process {
  yield 1;
  const { store, now, scheduler, random } = world;
  for (const { sourceId, sourceAttempt } of store.attempts.values()) {
    if (sourceId === ask.sourceId && sourceAttempt === ask.sourceAttempt) return;
  }
  const names = { policyLocator: 'policy', policyholderLocator: 'holder', invoiceLocator: 'invoice' };
  const what = {
    ...ask,
    ...names,
    tenantId: 't',
    sourceType: 'instalment',
    currency: 'USD',
    businessOn: null,
  } as const;
  const earlier = [...store.payments.values()].filter(
    ({ sourceId, toSuspense }) => sourceId === ask.sourceId && !toSuspense,
  );
  const id = world.newId();
  const around = { earlier, method, today: '2026-01-14', now, newPayment: { id, displayId: id } };
  const collection = collect(what, around);
  if (!collection) return;
  store.putPayment(collection.payment);
  store.putAttempt(collection.attempt);
  sayPayments(world, collection.facts);
  scheduler.after(random.between(0, 10), () => scheduler.spawn(execute(world, attemptKey(collection.attempt))));
}

/** Claimed in one commit, sent, recorded in another; what dies in between is the resolver's. */
function* execute(world: World, key: string): Process {
  const { store, now } = world;
  const attempt = store.attempts.get(key)!;
  if (attempt.state !== 'created') return;
  store.putAttempt({ ...attempt, state: 'submitted', submittedAt: now, nextCheckAt: world.later(leaseMs) });
  yield 1;
  const outcome = yield* send(world, askedOf(attempt));
  yield 1;
  yield* recordAttempt(world, key, outcome);
}
