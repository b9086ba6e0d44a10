import { DomainError } from '../domain/errors.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Process } from './scheduler.ts';
import { leaseMs } from './world.ts';
import type { World } from './world.ts';

/** Work that asks the provider between two transactions, as `once.across` takes it. */
export interface ForeignCall<B> {
  readonly fingerprint: string;
  begin(): B;
  resume(): B;
  call(begun: B): Process<ProviderOutcome | null>;
  finish(begun: B, outcome: ProviderOutcome | null): Process<string>;
}

export type Answer =
  | { readonly kind: 'answered'; readonly body: string }
  | { readonly kind: 'come_back' }
  | { readonly kind: 'refused'; readonly code: string };

const comeBack = { kind: 'come_back' } as const;

/** The walk of one request under its key: claim and begin → call → finish, with the same rows as the real one. */
export function* keyedRequest<B>(world: World, key: string, work: ForeignCall<B>): Process<Answer> {
  const { store, scheduler, tally } = world;
  const row = store.keys.get(key);
  if (row && row.fingerprint !== work.fingerprint) return { kind: 'refused', code: 'idempotency_key_reused' };
  if (row?.state === 'done') {
    tally.replays++;
    return { kind: 'answered', body: row.body! };
  }
  if (row && row.leaseUntil > scheduler.now) return comeBack;
  const attempt = (row?.attempt ?? 0) + 1;
  const begun = tryTo(() => (row ? work.resume() : work.begin()));
  if ('code' in begun) {
    tally.refusals++;
    return { kind: 'refused', code: begun.code };
  }
  if (row) tally.leasesTakenOver++;
  const { fingerprint } = work;
  const leaseUntil = scheduler.now + leaseMs;
  store.keys.set(key, { fingerprint, state: 'started', attempt, leaseUntil, body: null });
  yield 1;
  const outcome = yield* work.call(begun.value);
  yield 1;
  const held = store.keys.get(key)!;
  if (world.bug !== 'no fencing token' && (held.attempt !== attempt || held.state === 'done')) {
    tally.fencedOff++;
    return comeBack;
  }
  const body = yield* work.finish(begun.value, outcome);
  store.keys.set(key, { ...held, state: 'done', body });
  yield 1;
  return { kind: 'answered', body };
}

/** A rule that says no rolls the transaction back. */
function tryTo<T>(work: () => T): { readonly value: T } | { readonly code: string } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code };
    throw error;
  }
}
