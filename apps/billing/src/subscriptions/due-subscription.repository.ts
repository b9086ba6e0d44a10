import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import { tenantsOf } from '../instalments/claim.sql.ts';
import type { ClaimScope } from '../instalments/sweep-scope.ts';
import { FIRST, foundKeys } from '../instalments/turns.ts';
import type { FoundKeys } from '../instalments/turns.ts';

const DUE = `FROM subscriptions i WHERE i.next_charge_at <= $1`;
const STEPS = `
  FROM subscription_periods i
  JOIN subscriptions s ON s.tenant_id = i.tenant_id AND s.id = i.subscription_id AND s.status <> 'paused'
 WHERE i.next_step_at <= $1`;

/**
 * At most $2 of one tenant and $3 in all. Locked as they are found, skipping what another sweep has in hand: the
 * database looks at the condition again once it has the lock, so a period that was billed meanwhile is not due any
 * more.
 */
const claimSql = (tenants: string, rows: string, { at, locked }: { at: string; locked: string }) => `
  WITH RECURSIVE ${tenants}
  SELECT c.tenant_id AS "tenantId", c.id
    FROM tenants t CROSS JOIN LATERAL (
      SELECT i.tenant_id, i.id ${rows} AND i.tenant_id = t.tenant_id
       ORDER BY i.${at}, i.id LIMIT $2 FOR NO KEY UPDATE OF ${locked} SKIP LOCKED) c
   LIMIT $3`;

function textsOf(rows: string, table: string, by: { at: string; locked: string }) {
  return {
    realTime: claimSql(tenantsOf(table, `i.${by.at} IS NOT NULL`), rows, by),
    ofTenant: claimSql('tenants AS (SELECT $4::uuid AS tenant_id)', rows, by),
    any: `SELECT ${rows} LIMIT 1`,
    left: `SELECT ${rows} AND i.tenant_id = $2 LIMIT 1`,
  };
}

const due = textsOf(DUE, 'subscriptions', { at: 'next_charge_at', locked: 'i' });
const steps = textsOf(STEPS, 'subscription_periods', { at: 'next_step_at', locked: 's, i' });

@Injectable()
export class DueSubscriptionRepository {
  /** Subscriptions with a period to bill, locked. */
  claim(tx: Tx, scope: ClaimScope): Promise<FoundKeys> {
    return claim(tx, due, scope);
  }

  /** Periods with something to do: another attempt, or the end of the customer's time. Locked, with subscriptions. */
  claimSteps(tx: Tx, scope: ClaimScope): Promise<FoundKeys> {
    return claim(tx, steps, scope);
  }

  /** Whether something is left that another transaction has in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    const left = await Promise.all([due, steps].map((texts) => tx.query(texts.left, [now, tenantId])));
    return left.some((rows) => rows.length > 0);
  }
}

async function claim(
  tx: Tx,
  texts: typeof due,
  { now, tenantId, after = FIRST, share, limit }: ClaimScope,
): Promise<FoundKeys> {
  if (tenantId !== null) return foundKeys(await tx.query<TenantKey>(texts.ofTenant, [now, limit, limit, tenantId]));
  // Asked first, because nearly always there is none.
  if ((await tx.query(texts.any, [now])).length === 0) return foundKeys([]);
  return foundKeys(await tx.query<TenantKey>(texts.realTime, [now, share, limit, after]));
}
