import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { AccountKey } from './statement-fact.repository.ts';

/** One tenant's monthly run, as far as it has come. */
export interface StatementRun {
  readonly tenantId: string;
  readonly periodEnd: CalendarDate;
  /** Policyholders up to this one are done. */
  readonly statedUpTo: string;
  readonly isDone: boolean;
}

const ENSURE = (scope: string) => `
  INSERT INTO statement_runs (tenant_id, period_end, stated_up_to, is_done)
  SELECT s.tenant_id, $1::date - 1, '', true FROM billing_settings s
   WHERE s.statement_cycle = 'monthly' AND ${scope}
     AND NOT EXISTS (SELECT FROM statement_runs r WHERE r.tenant_id = s.tenant_id)
   ORDER BY s.tenant_id ON CONFLICT DO NOTHING`;

const CLAIM = (scope: string) => `
  SELECT r.tenant_id AS "tenantId", r.period_end AS "periodEnd", r.stated_up_to AS "statedUpTo", r.is_done AS "isDone"
    FROM statement_runs r JOIN billing_settings s ON s.tenant_id = r.tenant_id
   WHERE s.statement_cycle = 'monthly' AND (r.period_end < $1 OR NOT r.is_done) AND ${scope}
   ORDER BY r.tenant_id LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED`;

const REAL_TIME = 'NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = s.tenant_id)';
const OF_TENANT = 's.tenant_id = $2';
const texts = {
  realTime: { ensure: ENSURE(REAL_TIME), claim: CLAIM(REAL_TIME) },
  ofTenant: { ensure: ENSURE(OF_TENANT), claim: CLAIM(OF_TENANT) },
};

const SAVE = `
  UPDATE statement_runs SET period_end = $2, stated_up_to = $3, is_done = $4 WHERE tenant_id = $1`;

const NEXT = `
  SELECT h.tenant_id AS "tenantId", h.locator AS "policyholderLocator", p.currency
    FROM (SELECT * FROM policyholders h WHERE h.tenant_id = $1 AND h.locator > $2 ORDER BY h.locator LIMIT $3) h
    LEFT JOIN LATERAL (
      SELECT DISTINCT p.currency FROM policies p
       WHERE p.tenant_id = h.tenant_id AND p.policyholder_locator = h.locator) p ON true
   ORDER BY h.locator, p.currency`;

@Injectable()
export class StatementRunRepository {
  /** A run that is not done for what ended on this date, and that nobody else has in hand. */
  async claim(tx: Tx, periodEnd: CalendarDate, tenantId: string | null): Promise<StatementRun | null> {
    const { ensure, claim } = tenantId === null ? texts.realTime : texts.ofTenant;
    const values = tenantId === null ? [periodEnd] : [periodEnd, tenantId];
    const [, [run]] = await Promise.all([tx.execute(ensure, values), tx.query<StatementRun>(claim, values)]);
    return run ?? null;
  }

  async save(tx: Tx, { tenantId, periodEnd, statedUpTo, isDone }: StatementRun): Promise<void> {
    await tx.execute(SAVE, [tenantId, periodEnd, statedUpTo, isDone]);
  }

  /** The next policyholders in their order, once for each currency; null for one without a policy. */
  next(tx: Tx, { tenantId, statedUpTo }: StatementRun, limit: number) {
    return tx.query<Omit<AccountKey, 'currency'> & { currency: string | null }>(NEXT, [tenantId, statedUpTo, limit]);
  }
}
