import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import { planInForce } from '../delinquency/plan-in-force.sql.ts';
import { tenantsOf } from '../instalments/claim.sql.ts';
import type { ClaimScope } from '../instalments/sweep-scope.ts';
import { FIRST, foundKeys } from '../instalments/turns.ts';
import type { FoundKeys } from '../instalments/turns.ts';

/** The predicate of the index `invoices_to_judge`, whose columns are `tenant_id`, `due_on`, `id`. */
const unjudged = (v: string) =>
  `${v}.state IN ('open', 'partially_paid') AND ${v}.past_due_on IS DISTINCT FROM ${v}.due_on`;
const UNJUDGED = unjudged('v');

// By the calendar of the policy, or of the subscription. No zone is a day ahead of the first date.
const isPast = (zone: string) =>
  `v.due_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date AND v.due_on < ($1::timestamptz AT TIME ZONE ${zone})::date`;

const REAL_TIME = tenantsOf('invoices', unjudged('i'));
const OF_TENANT = 'tenants AS (SELECT $4::uuid AS tenant_id)';

/** Whose debt an invoice `v` is, and what is locked for it. */
interface Owner {
  readonly table: string;
  readonly key: string;
  readonly is: string;
}
const owners: readonly Owner[] = [
  {
    table: 'policies',
    key: 'p.locator = v.policy_locator',
    // What lies there unapplied pays first: only what is left is past due.
    is: `v.policy_locator IS NOT NULL AND NOT EXISTS (
           SELECT FROM unapplied_funds f
            WHERE f.tenant_id = v.tenant_id AND f.owner_type = 'policy' AND f.owner_locator = v.policy_locator::text
              AND f.balance_minor > 0)`,
  },
  { table: 'subscriptions', key: 'p.id = v.subscription_id', is: 'v.policy_locator IS NULL' },
];

const candidates = ({ table, key, is }: Owner) => `
   FROM invoices v
  CROSS JOIN LATERAL (SELECT * FROM ${table} p WHERE p.tenant_id = v.tenant_id AND ${key} OFFSET 0) p
  WHERE v.tenant_id = t.tenant_id AND ${UNJUDGED} AND ${is} AND ${isPast('p.time_zone')}`;

const claimSql = (tenants: string, owner: Owner) => `
  WITH RECURSIVE ${tenants}
  SELECT c.tenant_id AS "tenantId", c.id
    FROM tenants t CROSS JOIN LATERAL (
      SELECT v.tenant_id, v.id
        FROM (SELECT v.tenant_id, v.id, v.policy_locator, v.subscription_id ${candidates(owner)}
               ORDER BY v.due_on, v.id OFFSET 0) v
       CROSS JOIN LATERAL (
         SELECT FROM ${owner.table} p WHERE p.tenant_id = v.tenant_id AND ${owner.key}
            FOR NO KEY UPDATE SKIP LOCKED) l
       LIMIT $2) c
   LIMIT $3`;
const claims = owners.map((owner) => ({ realTime: claimSql(REAL_TIME, owner), ofTenant: claimSql(OF_TENANT, owner) }));
const LEFT = owners.map(
  (owner) => `
  SELECT FROM (SELECT $2::uuid AS tenant_id) t CROSS JOIN LATERAL (SELECT v.id ${candidates(owner)} LIMIT 1) v`,
);

// As good as paid is what the plan for the past due leaves alone, or what the tenant forgives after a payment.
const TOLERATED = `
  greatest(
    (${planInForce('r.tolerance_minor', 'z.today')}),
    (SELECT (b.tolerances ->> v.currency)::bigint FROM billing_settings b WHERE b.tenant_id = v.tenant_id), 0)`;

// Read again under the locks: another sweep may have judged some of them, and a payment settled others.
const JUDGE = `
  WITH judged AS (
    SELECT v.tenant_id, v.id, v.instalment_id, v.balance_minor > ${TOLERATED} AS is_news
      FROM unnest($2::uuid[], $3::uuid[]) AS n (tenant_id, id)
     CROSS JOIN LATERAL (SELECT * FROM invoices v WHERE v.tenant_id = n.tenant_id AND v.id = n.id OFFSET 0) v
      LEFT JOIN LATERAL (
        SELECT * FROM policies p WHERE p.tenant_id = v.tenant_id AND p.locator = v.policy_locator OFFSET 0) p ON true
      LEFT JOIN LATERAL (
        SELECT * FROM subscriptions s WHERE s.tenant_id = v.tenant_id AND s.id = v.subscription_id OFFSET 0) s ON true
     CROSS JOIN LATERAL (
        SELECT ($1::timestamptz AT TIME ZONE coalesce(p.time_zone, s.time_zone))::date AS today OFFSET 0) z
     WHERE ${UNJUDGED} AND v.due_on < z.today
  ), told AS (
    UPDATE invoices v SET past_due_on = v.due_on, version = v.version + j.is_news::int
      FROM judged j WHERE v.tenant_id = j.tenant_id AND v.id = j.id
    RETURNING v.tenant_id, v.id, v.instalment_id, j.is_news
  ), owed AS (
    UPDATE instalments i SET version = i.version + 1
      FROM told t WHERE t.is_news AND i.tenant_id = t.tenant_id AND i.id = t.instalment_id
    RETURNING 1
  )
  SELECT tenant_id AS "tenantId", id FROM told WHERE is_news`;

@Injectable()
export class PastDueNewsRepository {
  /** Invoices whose due date has passed and was not judged yet, where nobody else has locked whose debt they are. */
  async claim(tx: Tx, { now, tenantId, after = FIRST, share, limit }: ClaimScope): Promise<FoundKeys> {
    const found: TenantKey[] = [];
    for (const { realTime, ofTenant } of claims) {
      const left = limit - found.length;
      if (left === 0) break;
      const scope = tenantId === null ? [share, left, after] : [left, left, tenantId];
      found.push(...(await tx.query<TenantKey>(tenantId === null ? realTime : ofTenant, [now, ...scope])));
    }
    return foundKeys(found);
  }

  /** The caller holds the locks. @returns those that are past due now, with one version more, as their instalments */
  judge(tx: Tx, now: Date, claimed: readonly TenantKey[]): Promise<TenantKey[]> {
    const columns = [claimed.map(({ tenantId }) => tenantId), claimed.map(({ id }) => id)];
    return tx.query<TenantKey>(JUDGE, [now, ...columns]);
  }

  /** Of one tenant, whoever has it in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    for (const left of LEFT) if ((await tx.query(left, [now, tenantId])).length > 0) return true;
    return false;
  }
}
