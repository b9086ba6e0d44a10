import { attemptKey } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Refund } from '../domain/refund.ts';
import { refundKey } from '../domain/refund-outcome.ts';
import type { Operation } from '../providers/provider.ts';
import { askedOf, askedOfRefund, lookUp } from './asking.ts';
import { hearClaims } from './disputing.ts';
import { recordAttempt, recordRefund } from './recording.ts';
import type { Process } from './scheduler.ts';
import { leaseMs } from './world.ts';
import type { World } from './world.ts';

/** Everything in the service that nobody waits for: the resolvers, and who hears the provider's notifications. */
export function startWorkers(world: World): void {
  const { store, scheduler, random } = world;
  const wake = (at: Date, work: () => Process) => {
    scheduler.after(at.getTime() - scheduler.now + random.between(0, 3), () => scheduler.spawn(work()));
  };
  store.onAttempt = (attempt) => wake(attempt.nextCheckAt!, () => resolveAttempt(world, attemptKey(attempt)));
  store.onRefund = (refund) => wake(refund.nextCheckAt!, () => resolveRefund(world, refund.id));
  hearClaims(world);
  let notifications = 0;
  world.onNotified = (operation, key, outcome) => {
    const id = `n${++notifications}`;
    // What dies before it has committed is sent again.
    const hear = (): void =>
      scheduler.spawn(heard(world, { id, operation, key, outcome }), undefined, () => {
        scheduler.after(random.between(5, 20), hear);
      });
    if (world.deliver(hear) > 1) world.tally.repeatedNotifications++;
  };
}

/** Claims what is due, so that one process asks; when that one dies, the claim ends as a lease does. */
function* resolveAttempt(world: World, key: string): Process {
  const { store, scheduler } = world;
  const attempt = store.attempts.get(key)!;
  if (!isDue(attempt, scheduler.now)) return;
  store.putAttempt({ ...attempt, checks: attempt.checks + 1, nextCheckAt: world.later(leaseMs) });
  yield 1;
  const outcome = yield* lookUp(world, askedOf(attempt));
  yield 1;
  yield* recordAttempt(world, key, outcome);
}

function* resolveRefund(world: World, id: string): Process {
  const { store, scheduler } = world;
  const refund = store.refunds.get(id)!;
  if (!isDue(refund, scheduler.now)) return;
  store.putRefund({ ...refund, checks: refund.checks + 1, nextCheckAt: world.later(leaseMs) });
  yield 1;
  const outcome = yield* lookUp(world, askedOfRefund(refund));
  yield 1;
  recordRefund(world, { id, n: refund.attemptNo }, outcome);
}

function isDue({ nextCheckAt }: Attempt | Refund, now: number): boolean {
  return nextCheckAt !== null && nextCheckAt.getTime() <= now;
}

interface Notification {
  readonly id: string;
  readonly operation: Operation;
  readonly key: string;
  readonly outcome: ProviderOutcome;
}

/** The effect and the inbox row are one transaction. */
function* heard(world: World, { id, operation, key, outcome }: Notification): Process {
  yield 1;
  const { store } = world;
  if (store.inbox.has(id)) return;
  store.inbox.add(id);
  if (operation !== 'refund') return yield* recordAttempt(world, key, outcome);
  for (const refund of store.refunds.values()) {
    if (refundKey(refund) === key) recordRefund(world, { id: refund.id, n: refund.attemptNo }, outcome);
  }
}
