import { Injectable } from '@nestjs/common';
import { newId } from '../id.ts';
import { Database } from './database.ts';
import { answerOf, claimKey, finishKey, holdKey, isKeyed, stillRunning } from './idempotency-keys.ts';
import type { Claim, GuardedAnswer, GuardedRequest, KeyedRequest } from './idempotency-keys.ts';
import type { Tx } from './tx.ts';

/**
 * Work that asks somebody outside between two transactions: what was begun, `B`, leads to an outcome, `O`, which leads
 * to the answer, `T`.
 */
export interface ForeignCall<B, O, T> {
  /** How long a request may take to come back from the call; after that another one may take over. */
  readonly leaseMs: number;
  /** Writes down what is about to be asked, under the id by which `resume` finds it. */
  begin(tx: Tx, operationId: string): Promise<B>;
  /** What an earlier request began under this id and did not finish in time. It may have been asked already. */
  resume(tx: Tx, operationId: string): Promise<B>;
  /** Asks, with no transaction open. Asking twice about one beginning must have one effect. */
  call(begun: B): Promise<O>;
  finish(tx: Tx, begun: B, outcome: O): Promise<T>;
}

/** The same work, answered in another form: made in the last transaction, stored with the key. */
export function answering<B, O, T, U>(
  work: ForeignCall<B, O, T>,
  show: (tx: Tx, answer: T) => Promise<U>,
): ForeignCall<B, O, U> {
  return { ...work, finish: async (tx, begun, outcome) => show(tx, await work.finish(tx, begun, outcome)) };
}

/** A single transaction needs no lease: its row is committed with the answer or not at all. */
const NO_LEASE_MS = 0;

/**
 * `Idempotency-Key`: a repeated request gets the first answer instead of a second effect.
 *
 * A second request while the first runs is told to come back, 409 and `Retry-After`; nothing waits. Where the work
 * throws (a rule says no) nothing is stored, and the retry asks again.
 */
@Injectable()
export class Idempotency {
  constructor(private readonly db: Database) {}

  /**
   * Work that is one database transaction: the key's row, the effect and the answer commit together.
   *
   * - crash before the commit: nothing happened, the retry starts afresh
   * - crash after the commit: the retry gets the stored answer
   */
  run<T>(request: GuardedRequest, work: (tx: Tx) => Promise<T>): Promise<GuardedAnswer<T>> {
    return this.db.withTenant(request.caller.tenantId, async (tx) => {
      if (!isKeyed(request)) return answered(request, await work(tx));
      if (!(await claimKey(tx, request, NO_LEASE_MS))) return known(tx, request);
      const body = await work(tx);
      await finishKey(tx, request, body);
      return answered(request, body);
    });
  }

  /**
   * Work with a call to somebody else in its middle: claim and begin → call → finish and store the answer. None of the
   * two transactions is open during the call.
   *
   * - crash before the claim commits: nothing was begun, the retry starts afresh
   * - crash after it: until the lease ends a retry is told to come back; then it takes over and resumes what was begun
   * - back from the call after another request took over: the row is not ours any more, nothing is written
   * - crash after the answer is stored: the retry gets it
   *
   * `prepare` runs first, for a request that is neither answered nor under way; it must change nothing.
   */
  async across<B, O, T>(
    request: GuardedRequest,
    prepare: () => ForeignCall<B, O, T> | Promise<ForeignCall<B, O, T>>,
  ): Promise<GuardedAnswer<T>> {
    const { tenantId } = request.caller;
    if (isKeyed(request)) {
      const earlier = await this.db.withTenant(tenantId, (tx) => answerOf<T>(tx, request));
      if (earlier) return earlier;
    }
    const work = await prepare();
    const started = await this.db.withTenant(tenantId, (tx) => start(tx, request, work));
    if ('replayed' in started) return started;
    const { claim, begun } = started;
    const outcome = await work.call(begun);
    return this.db.withTenant(tenantId, async (tx) => {
      if (!isKeyed(request)) return answered(request, await work.finish(tx, begun, outcome));
      // The key first, as a claim takes it first, so that the two never wait for each other.
      await holdKey(tx, request, claim);
      const body = await work.finish(tx, begun, outcome);
      await finishKey(tx, request, body);
      return answered(request, body);
    });
  }
}

async function start<B, O, T>(
  tx: Tx,
  request: GuardedRequest,
  work: ForeignCall<B, O, T>,
): Promise<GuardedAnswer<T> | { claim: Claim; begun: B }> {
  if (!isKeyed(request)) {
    const operationId = newId();
    return { claim: { attempt: 1, operationId }, begun: await work.begin(tx, operationId) };
  }
  const claim = await claimKey(tx, request, work.leaseMs);
  if (!claim) return known<T>(tx, request);
  const { attempt, operationId } = claim;
  // A claim and what it began are one commit: where there was a row, there is something to resume.
  const begun = await (attempt === 1 ? work.begin(tx, operationId) : work.resume(tx, operationId));
  return { claim, begun };
}

/** The key is somebody else's: it has its answer, or it is being worked on. */
async function known<T>(tx: Tx, request: KeyedRequest): Promise<GuardedAnswer<T>> {
  const answer = await answerOf<T>(tx, request);
  if (!answer) throw stillRunning();
  return answer;
}

function answered<T>({ status }: GuardedRequest, body: T): GuardedAnswer<T> {
  return { body, status, replayed: false };
}
