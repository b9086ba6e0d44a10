import { Problem } from '../http/problem.ts';
import { newId } from '../id.ts';
import { metrics } from '../telemetry/metrics.ts';
import type { Tx } from './tx.ts';

export interface GuardedRequest {
  caller: { tenantId: string; clientId: string };
  /** The `Idempotency-Key`, already unquoted; absent where the client sent none. */
  key: string | undefined;
  /** SHA-256 over what the request asks: the same key with another fingerprint is refused. */
  fingerprint: Buffer;
  /** The route's success status, stored for the replay. */
  status: number;
}

export type KeyedRequest = GuardedRequest & { key: string };

export interface GuardedAnswer<T> {
  body: T;
  status: number;
  replayed: boolean;
}

/** Who works on a key: `attempt` is the fencing token, the operation's id stays the same for all of them. */
export interface Claim {
  attempt: number;
  operationId: string;
}

interface StoredRow {
  fingerprint: Buffer;
  state: 'started' | 'done';
  isLapsed: boolean;
  status: number;
  body: string;
}

const leases = metrics.counter(
  'idempotency_leases_total',
  'Keys whose request died or came late: taken over by a repetition, or fenced off when it came back.',
  ['event'],
);

// The lock is for the moment before the first row is committed: whoever comes then is told so instead of waiting.
const CLAIM = `
  INSERT INTO idempotency_keys AS k (tenant_id, client_id, key, fingerprint, state, lease_until, operation_id)
  SELECT $1::uuid, $2::text, $3::text, $4::bytea, 'started', now() + $6::int * interval '1 millisecond', $5::uuid
   WHERE pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', $1::uuid, $2::text, $3::text), 0))
  ON CONFLICT (tenant_id, client_id, key) DO UPDATE SET attempt = k.attempt + 1, lease_until = excluded.lease_until
   WHERE k.state = 'started' AND k.lease_until < now() AND k.fingerprint = excluded.fingerprint
  RETURNING attempt, operation_id AS "operationId"`;
const FIND = `
  SELECT fingerprint, state, lease_until < now() AS "isLapsed", status, body
    FROM idempotency_keys WHERE tenant_id = $1 AND client_id = $2 AND key = $3`;
const HOLD = `
  SELECT 1 FROM idempotency_keys
   WHERE tenant_id = $1 AND client_id = $2 AND key = $3 AND attempt = $4 AND state = 'started' FOR UPDATE`;
const FINISH = `
  UPDATE idempotency_keys SET state = 'done', status = $4, body = $5
   WHERE tenant_id = $1 AND client_id = $2 AND key = $3 AND state = 'started'`;

export function isKeyed(request: GuardedRequest): request is KeyedRequest {
  return request.key !== undefined;
}

/** The key is mine, for the first time or because its lease ended; undefined when it is not. */
export async function claimKey(tx: Tx, request: KeyedRequest, leaseMs: number): Promise<Claim | undefined> {
  const [claim] = await tx.query<Claim>(CLAIM, [...scopeOf(request), request.fingerprint, newId(), leaseMs]);
  if (claim && claim.attempt > 1) tx.afterCommit(() => leases.inc({ event: 'taken_over' }));
  return claim;
}

/** Keeps everybody else away until the commit, unless somebody took over meanwhile. */
export async function holdKey(tx: Tx, request: KeyedRequest, { attempt }: Claim): Promise<void> {
  const held = await tx.query(HOLD, [...scopeOf(request), attempt]);
  if (held.length > 0) return;
  leases.inc({ event: 'fenced_off' });
  throw stillRunning();
}

export async function finishKey(tx: Tx, request: KeyedRequest, body: unknown): Promise<void> {
  await tx.execute(FINISH, [...scopeOf(request), request.status, JSON.stringify(body ?? null)]);
}

/**
 * What a key was answered; undefined where this request may go on.
 * @throws Problem 422 when the key is another request's, 409 while somebody works on it
 */
export async function answerOf<T>(tx: Tx, request: KeyedRequest): Promise<GuardedAnswer<T> | undefined> {
  const [stored] = await tx.query<StoredRow>(FIND, scopeOf(request));
  if (!stored) return undefined;
  const { fingerprint, state, isLapsed, status, body } = stored;
  if (!fingerprint.equals(request.fingerprint)) {
    throw new Problem(422, 'idempotency_key_reused', 'This Idempotency-Key was used for another request.');
  }
  if (state === 'done') return { body: JSON.parse(body) as T, status, replayed: true };
  if (isLapsed) return undefined;
  throw stillRunning();
}

export function stillRunning(): Problem {
  return new Problem(409, 'request_in_progress', 'A request with this Idempotency-Key is still running.', {
    retryAfter: 1,
  });
}

const scopeOf = ({ caller, key }: KeyedRequest) => [caller.tenantId, caller.clientId, key];
