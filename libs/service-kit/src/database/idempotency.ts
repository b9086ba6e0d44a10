import { Injectable } from '@nestjs/common';
import { Problem } from '../http/problem.ts';
import { newId } from '../id.ts';
import { Database } from './database.ts';
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

export interface GuardedAnswer<T> {
  body: T;
  status: number;
  replayed: boolean;
}

interface StoredRow {
  fingerprint: Buffer;
  state: 'started' | 'done';
  status: number;
  body: string;
}

const CLAIM = `
  INSERT INTO idempotency_keys (tenant_id, client_id, key, fingerprint, state, lease_until, operation_id)
  SELECT $1::uuid, $2::text, $3::text, $4::bytea, 'started', now() + interval '30 seconds', $5::uuid
   WHERE pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', $1::uuid, $2::text, $3::text), 0))
  ON CONFLICT DO NOTHING
  RETURNING key`;
const FIND = `
  SELECT fingerprint, state, status, body FROM idempotency_keys WHERE tenant_id = $1 AND client_id = $2 AND key = $3`;
const FINISH = `
  UPDATE idempotency_keys SET state = 'done', status = $4, body = $5
   WHERE tenant_id = $1 AND client_id = $2 AND key = $3 AND state = 'started'`;

/**
 * `Idempotency-Key` for work that is one database transaction: the key's row, the effect and the answer commit
 * together.
 *
 * - crash before the commit: nothing happened, the retry starts afresh
 * - crash after the commit: the retry gets the stored answer
 * - a second request while the first runs: the lock is not free, 409 and `Retry-After`, nothing waits
 * - the work throws (a rule says no): nothing is stored, the retry asks again
 */
@Injectable()
export class Idempotency {
  constructor(private readonly db: Database) {}

  run<T>(request: GuardedRequest, work: (tx: Tx) => Promise<T>): Promise<GuardedAnswer<T>> {
    const { caller, key, status } = request;
    if (key === undefined) {
      return this.db.withTenant(caller.tenantId, async (tx) => ({ body: await work(tx), status, replayed: false }));
    }
    return this.db.withTenant(caller.tenantId, async (tx) => {
      const scope = [caller.tenantId, caller.clientId, key];
      const claimed = await tx.query(CLAIM, [...scope, request.fingerprint, newId()]);
      if (claimed.length === 0) return replay<T>(await tx.query<StoredRow>(FIND, scope), request);
      const body = await work(tx);
      await tx.execute(FINISH, [...scope, status, JSON.stringify(body ?? null)]);
      return { body, status, replayed: false };
    });
  }
}

function replay<T>([stored]: StoredRow[], request: GuardedRequest): GuardedAnswer<T> {
  if (stored && !stored.fingerprint.equals(request.fingerprint)) {
    throw new Problem(422, 'idempotency_key_reused', 'This Idempotency-Key was used for another request.');
  }
  if (stored?.state !== 'done') {
    throw new Problem(409, 'request_in_progress', 'A request with this Idempotency-Key is still running.', {
      retryAfter: 1,
    });
  }
  return { body: JSON.parse(stored.body) as T, status: stored.status, replayed: true };
}
