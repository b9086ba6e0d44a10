import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { BillingMethod } from '../domain/policy.ts';
import type { FailureCategory } from '../domain/retry.ts';
import type { AttemptState, CollectionAttempt } from './collection-attempt.entity.ts';

export interface AttemptKey {
  readonly tenantId: string;
  readonly instalmentId: string;
  readonly attemptNo: number;
}

export interface RequestedAttempt extends AttemptKey {
  readonly policyLocator: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly jurisdiction: string | null;
  readonly line: string | null;
  readonly billingMethod: BillingMethod;
  /** How often a bank has sent this debt back for want of money. */
  readonly returns: number;
  /** When attempt 1 was asked for. */
  readonly firstOn: CalendarDate;
  /** Whether there is still something to collect. */
  readonly isOpen: boolean;
}

const INSERT = `
  INSERT INTO collection_attempts
    (tenant_id, instalment_id, attempt_no, policy_locator, state, next_attempt_on, next_attempt_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::date[], $7::timestamptz[])`;

// Looked up by whole keys, row by row, as in receivable.repository.ts.
const FIND_IN_STATE = `
  SELECT a.tenant_id AS "tenantId", a.instalment_id AS "instalmentId", a.attempt_no AS "attemptNo",
         a.policy_locator AS "policyLocator", p.time_zone AS "timeZone", p.currency, p.jurisdiction, p.line,
         p.billing_method AS "billingMethod", f.next_attempt_on AS "firstOn",
         i.state IN ('billed', 'partially_paid') AS "isOpen",
         (SELECT count(*)::int FROM collection_attempts r
           WHERE r.tenant_id = a.tenant_id AND r.instalment_id = a.instalment_id
             AND r.failure_code IN ('R01', 'R09')) AS returns
    FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS wanted (tenant_id, instalment_id, attempt_no)
   CROSS JOIN LATERAL (
    SELECT * FROM collection_attempts a
     WHERE a.tenant_id = wanted.tenant_id AND a.instalment_id = wanted.instalment_id
       AND a.attempt_no = wanted.attempt_no OFFSET 0) a
   CROSS JOIN LATERAL (
    SELECT * FROM collection_attempts f
     WHERE f.tenant_id = a.tenant_id AND f.instalment_id = a.instalment_id AND f.attempt_no = 1 OFFSET 0) f
   CROSS JOIN LATERAL (
    SELECT * FROM instalments i WHERE i.tenant_id = a.tenant_id AND i.id = a.instalment_id OFFSET 0) i
   CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = a.tenant_id AND p.locator = a.policy_locator OFFSET 0) p
   WHERE a.state = $4`;

const SETTLE = `
  UPDATE collection_attempts a SET state = $4, failure_code = n.failure_code, failure_category = n.failure_category
    FROM unnest($1::uuid[], $2::uuid[], $3::int[], $5::text[], $6::text[])
      AS n (tenant_id, instalment_id, attempt_no, failure_code, failure_category)
   WHERE a.tenant_id = n.tenant_id AND a.instalment_id = n.instalment_id AND a.attempt_no = n.attempt_no
     AND a.state = CASE WHEN $7 THEN 'posted' ELSE 'requested' END`;

const CANCEL_WAITING = `
  UPDATE collection_attempts a SET state = 'cancelled'
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, instalment_id)
   WHERE a.tenant_id = n.tenant_id AND a.instalment_id = n.instalment_id AND a.state = 'waiting'`;

const ANY_REQUESTED = `
  SELECT FROM collection_attempts a
   WHERE a.tenant_id = $1 AND a.instalment_id = ANY($2::uuid[]) AND a.state = 'requested' LIMIT 1`;

@Injectable()
export class CollectionAttemptRepository {
  async insert(tx: Tx, attempts: readonly CollectionAttempt[]): Promise<void> {
    if (attempts.length === 0) return;
    await tx.execute(INSERT, [
      attempts.map(({ tenantId }) => tenantId),
      attempts.map(({ instalmentId }) => instalmentId),
      attempts.map(({ attemptNo }) => attemptNo),
      attempts.map(({ policyLocator }) => policyLocator),
      attempts.map(({ state }) => state),
      attempts.map(({ nextAttemptOn }) => nextAttemptOn),
      attempts.map(({ nextAttemptAt }) => nextAttemptAt),
    ]);
  }

  /** Those that payments was asked to make and has not told the end of. */
  findRequested(tx: Tx, keys: readonly AttemptKey[]): Promise<RequestedAttempt[]> {
    return this.find(tx, keys, 'requested');
  }

  /** Those that had brought their money. */
  findPosted(tx: Tx, keys: readonly AttemptKey[]): Promise<RequestedAttempt[]> {
    return this.find(tx, keys, 'posted');
  }

  private find(tx: Tx, keys: readonly AttemptKey[], state: AttemptState): Promise<RequestedAttempt[]> {
    return tx.query<RequestedAttempt>(FIND_IN_STATE, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ instalmentId }) => instalmentId),
      keys.map(({ attemptNo }) => attemptNo),
      state,
    ]);
  }

  /** `returned`: one that had brought its money, which went back. */
  async settle(tx: Tx, state: 'posted' | 'failed' | 'returned', attempts: readonly SettledAttempt[]): Promise<void> {
    if (attempts.length === 0) return;
    const isReturned = state === 'returned';
    await tx.execute(SETTLE, [
      attempts.map(({ tenantId }) => tenantId),
      attempts.map(({ instalmentId }) => instalmentId),
      attempts.map(({ attemptNo }) => attemptNo),
      isReturned ? 'failed' : state,
      attempts.map(({ failureCode }) => failureCode ?? null),
      attempts.map(({ failureCategory }) => failureCategory ?? null),
      isReturned,
    ]);
  }

  /** Whether payments is collecting one of these just now. */
  async isAnyRequested(tx: Tx, tenantId: string, instalmentIds: readonly string[]): Promise<boolean> {
    return instalmentIds.length > 0 && (await tx.query(ANY_REQUESTED, [tenantId, instalmentIds])).length > 0;
  }

  /** There is nothing left to collect: what was to be tried again is not. */
  async cancelWaiting(tx: Tx, instalments: readonly TenantKey[]): Promise<void> {
    if (instalments.length === 0) return;
    await tx.execute(CANCEL_WAITING, [instalments.map(({ tenantId }) => tenantId), instalments.map(({ id }) => id)]);
  }
}

export interface SettledAttempt extends AttemptKey {
  readonly failureCode?: string;
  readonly failureCategory?: FailureCategory;
}
