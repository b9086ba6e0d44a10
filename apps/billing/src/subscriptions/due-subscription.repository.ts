import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';

// Locked as they are found, skipping what another sweep has in hand: the database looks at the condition again once it
// has the lock, so a period that was billed meanwhile is not due any more.
const DUE = (scope: string) => `
  SELECT s.tenant_id AS "tenantId", s.id FROM subscriptions s
   WHERE s.next_charge_at <= $1 AND ${scope}
   ORDER BY s.next_charge_at, s.id LIMIT $2 FOR NO KEY UPDATE OF s SKIP LOCKED`;
const STEPS = (scope: string) => `
  SELECT p.tenant_id AS "tenantId", p.id FROM subscription_periods p
    JOIN subscriptions s ON s.tenant_id = p.tenant_id AND s.id = p.subscription_id AND s.status <> 'paused'
   WHERE p.next_step_at <= $1 AND ${scope}
   ORDER BY p.next_step_at, p.id LIMIT $2 FOR NO KEY UPDATE OF s, p SKIP LOCKED`;
const inRealTime = (alias: string) => `NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = ${alias}.tenant_id)`;
const due = { inRealTime: DUE(inRealTime('s')), ofTenant: DUE('s.tenant_id = $3') };
const steps = { inRealTime: STEPS(inRealTime('p')), ofTenant: STEPS('p.tenant_id = $3') };

const ANY_LEFT = `
  SELECT FROM subscriptions WHERE next_charge_at <= $1 AND tenant_id = $2
   UNION ALL
  SELECT FROM subscription_periods p
    JOIN subscriptions s ON s.tenant_id = p.tenant_id AND s.id = p.subscription_id AND s.status <> 'paused'
   WHERE p.next_step_at <= $1 AND p.tenant_id = $2 LIMIT 1`;

@Injectable()
export class DueSubscriptionRepository {
  /** Subscriptions with a period to bill, locked. */
  claim(tx: Tx, scope: SweepScope): Promise<TenantKey[]> {
    return claim(tx, due, scope);
  }

  /** Periods with something to do: another attempt, or the end of the customer's time. Locked, with subscriptions. */
  claimSteps(tx: Tx, scope: SweepScope): Promise<TenantKey[]> {
    return claim(tx, steps, scope);
  }

  /** Whether something is left that another transaction has in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return (await tx.query(ANY_LEFT, [now, tenantId])).length > 0;
  }
}

function claim(tx: Tx, texts: typeof due, { now, tenantId, limit }: SweepScope): Promise<TenantKey[]> {
  return tenantId === null
    ? tx.query<TenantKey>(texts.inRealTime, [now, limit])
    : tx.query<TenantKey>(texts.ofTenant, [now, limit, tenantId]);
}
