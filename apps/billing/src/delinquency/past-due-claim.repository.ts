import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { held } from '../holds/held.sql.ts';
import { FIRST } from '../instalments/turns.ts';
import type { Found } from '../instalments/turns.ts';
import type { ClaimScope } from '../instalments/sweep-scope.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { TERM_NUMBER } from './past-due.repository.ts';
import { planInForce } from './plan-in-force.sql.ts';

/** A policy that has to be looked at, and the plan by which what is new of it is followed. */
export interface Candidate extends PolicyKey {
  readonly planId: string | null;
}

export interface Claimed extends Found {
  readonly mine: readonly Candidate[];
}

// Of the tenant `t`. What is a candidate here is taken up by whoever claims it: it is never found twice.
const CANDIDATES = `
        (SELECT d.tenant_id, d.policy_locator AS locator, NULL::uuid AS plan_id
           FROM delinquencies d
          WHERE d.tenant_id = t.tenant_id AND d.next_at <= $1
          ORDER BY d.next_at, d.id)
        UNION ALL
        (SELECT v.tenant_id, v.policy_locator, plan.id
           FROM invoices v
          CROSS JOIN LATERAL (
           SELECT *, ($1::timestamptz AT TIME ZONE p.time_zone)::date AS today
             FROM policies p WHERE p.tenant_id = v.tenant_id AND p.locator = v.policy_locator OFFSET 0) p
          CROSS JOIN LATERAL (${planInForce('r.id, r.tolerance_minor', 'p.today')}) plan
          WHERE v.tenant_id = t.tenant_id AND v.state IN ('open', 'partially_paid') AND v.delinquency_id IS NULL
            -- No zone is a day ahead of this one.
            AND v.due_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date AND v.due_on < p.today
            AND v.balance_minor > plan.tolerance_minor
            AND EXISTS (SELECT FROM policy_terms m WHERE m.tenant_id = p.tenant_id AND m.policy_locator = p.locator
                           AND m.number = ${TERM_NUMBER} AND coalesce(m.cancelled_on, m.expiration_date) > p.today)
            AND NOT ${held('delinquency', 'p.today')}
          ORDER BY v.due_on, v.id)`;

// As the other passes claim: those are locked that nobody else has in hand, at most $2 of one tenant and $3 in all.
// One statement, since most days bring nothing.
const CLAIM = (tenants: string) => `
  SELECT c.tenant_id AS "tenantId", c.locator, c.plan_id AS "planId"
    FROM (${tenants} OFFSET 0) t
   CROSS JOIN LATERAL (
    SELECT c.* FROM (SELECT * FROM (${CANDIDATES}) c OFFSET 0) c
     CROSS JOIN LATERAL (
      SELECT FROM policies l WHERE l.tenant_id = c.tenant_id AND l.locator = c.locator
         FOR NO KEY UPDATE SKIP LOCKED) l
     LIMIT $2) c
   LIMIT $3`;

// Without a plan nothing is followed.
const REAL_TIME = CLAIM(`
    SELECT r.tenant_id FROM (SELECT DISTINCT d.tenant_id FROM delinquency_plans d) r
     WHERE NOT EXISTS (SELECT FROM test_clocks c WHERE c.tenant_id = r.tenant_id)
     ORDER BY r.tenant_id <= $4::uuid, r.tenant_id`);
const OF_TENANT = CLAIM('SELECT $4::uuid AS tenant_id');

const LEFT = `SELECT FROM (SELECT $2::uuid AS tenant_id) t CROSS JOIN LATERAL (${CANDIDATES}) c LIMIT 1`;

/** What of all that is past due has to be looked at. */
@Injectable()
export class PastDueClaimRepository {
  /** Policies of which something is due that nobody else has in hand. They are locked until the transaction ends. */
  async claim(tx: Tx, { now, tenantId, after = FIRST, share, limit }: ClaimScope): Promise<Claimed> {
    const found =
      tenantId === null
        ? await tx.query<Candidate>(REAL_TIME, [now, share, limit, after])
        : await tx.query<Candidate>(OF_TENANT, [now, limit, limit, tenantId]);
    // The past due come last and have a plan: they go before the row of the same policy that has none.
    const byPolicy = new Map(found.map((row) => [`${row.tenantId}/${row.locator}`, row]));
    return { mine: [...byPolicy.values()], count: found.length, last: found.at(-1)?.tenantId ?? null };
  }

  /** Whether one is left, in whoever's hand it is. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return (await tx.query(LEFT, [now, tenantId])).length > 0;
  }
}
