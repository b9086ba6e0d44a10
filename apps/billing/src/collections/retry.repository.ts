import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { held } from '../holds/held.sql.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { DUE_COLUMNS, DUE_JOINS, toDue } from '../instalments/due.repository.ts';
import type { DueInstalment, DueRow } from '../instalments/due.repository.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';

export interface DueRetry extends DueInstalment {
  readonly attemptNo: number;
  readonly invoiceId: string;
}

// What is held waits until it is not: that is no candidate, so nobody waits for it.
const HELD = held('autopay', '($1::timestamptz AT TIME ZONE p.time_zone)::date');

const CANDIDATES = (scope: string) => `
  SELECT a.tenant_id AS "tenantId", a.instalment_id AS id, a.attempt_no AS "attemptNo",
         a.policy_locator AS "policyLocator"
    FROM collection_attempts a
   CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = a.tenant_id AND p.locator = a.policy_locator OFFSET 0) p
   WHERE a.state = 'waiting' AND a.next_attempt_at <= $1 AND ${scope} AND NOT ${HELD}
   ORDER BY a.next_attempt_at, a.instalment_id LIMIT $2`;
const REAL_TIME = CANDIDATES('NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = a.tenant_id)');
const OF_TENANT = CANDIDATES('a.tenant_id = $3');

// Read after the locks were taken: what another sweep has asked for meanwhile is no longer waiting. The lines are those
// of the bill, as `instalment.due` has them: what is given back was netted in it.
const LOAD = `
  SELECT ${DUE_COLUMNS}, a.attempt_no AS "attemptNo", v.id AS "invoiceId",
         (SELECT json_agg(json_build_object('chargeId', t.charge_id, 'category', t.category, 'code', t.code,
                                            'amount', t.amount_minor::text) ORDER BY t.item_no)
            FROM invoice_items t WHERE t.tenant_id = v.tenant_id AND t.invoice_id = v.id) AS lines
    FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS wanted (tenant_id, instalment_id, attempt_no)
   CROSS JOIN LATERAL (
    SELECT * FROM collection_attempts a
     WHERE a.tenant_id = wanted.tenant_id AND a.instalment_id = wanted.instalment_id
       AND a.attempt_no = wanted.attempt_no OFFSET 0) a
   CROSS JOIN LATERAL (
    SELECT * FROM instalments i WHERE i.tenant_id = a.tenant_id AND i.id = a.instalment_id OFFSET 0) i
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v WHERE v.tenant_id = i.tenant_id AND v.instalment_id = i.id OFFSET 0) v ${DUE_JOINS}
   WHERE a.state = 'waiting'
   ORDER BY i.tenant_id, i.id`;

const ANY_LEFT = `
  SELECT FROM collection_attempts a
   CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = a.tenant_id AND p.locator = a.policy_locator OFFSET 0) p
   WHERE a.state = 'waiting' AND a.next_attempt_at <= $1 AND a.tenant_id = $2 AND NOT ${HELD} LIMIT 1`;

const REQUEST = `
  UPDATE collection_attempts a SET state = 'requested'
    FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS n (tenant_id, instalment_id, attempt_no)
   WHERE a.tenant_id = n.tenant_id AND a.instalment_id = n.instalment_id AND a.attempt_no = n.attempt_no`;

interface Candidate {
  readonly tenantId: string;
  readonly id: string;
  readonly attemptNo: number;
  readonly policyLocator: string;
}

@Injectable()
export class RetryRepository {
  constructor(private readonly policies: PolicyRepository) {}

  /** Retries whose time has come and whose policies nobody else has in hand; those policies are locked. */
  async claim(tx: Tx, { now, tenantId, limit }: SweepScope): Promise<DueRetry[]> {
    const candidates =
      tenantId === null
        ? await tx.query<Candidate>(REAL_TIME, [now, limit])
        : await tx.query<Candidate>(OF_TENANT, [now, limit, tenantId]);
    const mine = await this.policies.lockFree(tx, candidates);
    if (mine.length === 0) return [];
    const rows = await tx.query<DueRow & { attemptNo: number; invoiceId: string }>(LOAD, [
      mine.map((each) => each.tenantId),
      mine.map(({ id }) => id),
      mine.map(({ attemptNo }) => attemptNo),
    ]);
    return rows.map(({ attemptNo, invoiceId, ...row }) => ({ ...toDue(row), attemptNo, invoiceId }));
  }

  /** Whether one is left that another transaction has in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return (await tx.query(ANY_LEFT, [now, tenantId])).length > 0;
  }

  async request(tx: Tx, retries: readonly DueRetry[]): Promise<void> {
    await tx.execute(REQUEST, [
      retries.map(({ instalment }) => instalment.tenantId),
      retries.map(({ instalment }) => instalment.id),
      retries.map(({ attemptNo }) => attemptNo),
    ]);
  }
}
