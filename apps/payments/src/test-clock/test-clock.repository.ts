import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export interface BusinessDay {
  readonly tenantId: string;
  readonly businessOn: string;
}

export interface ReachedDay extends BusinessDay {
  readonly sequence: number;
}

const latestDaysSql = `
  SELECT tenant_id AS "tenantId", max(business_on) AS "businessOn" FROM test_clock_days
   WHERE tenant_id = ANY($1::uuid[]) GROUP BY tenant_id`;
const insertSql = `
  INSERT INTO test_clock_days (tenant_id, business_on, advanced_at)
  SELECT k.tenant_id, k.business_on, $3 FROM unnest($1::uuid[], $2::date[]) k (tenant_id, business_on)
  ON CONFLICT DO NOTHING`;
// An attempt or a refund that was looked up once without an answer is a provider's trouble, not the day's: it does not
// stop the clock. Neither does a refund for which the bank takes days.
const isChargedSql = `
  NOT EXISTS (
    SELECT 1 FROM payment_attempts a WHERE a.tenant_id = d.tenant_id
       AND (a.state IN ('created', 'submitted') OR (a.state = 'unknown' AND a.checks = 0 AND a.alarmed_at IS NULL)))
  AND NOT EXISTS (
    SELECT 1 FROM refunds r WHERE r.tenant_id = d.tenant_id
       AND (r.state IN ('requested', 'approved') OR (r.checks = 0 AND r.alarmed_at IS NULL
         AND (r.state = 'unknown' OR (r.state = 'processing' AND r.provider_ref IS NULL)))))`;
// A day is asked for after its charges, the oldest of each tenant first.
const toAskSql = `
  SELECT DISTINCT ON (d.tenant_id) d.tenant_id AS "tenantId", d.business_on AS "businessOn" FROM test_clock_days d
   WHERE d.reached_at IS NULL AND d.asked_at IS NULL AND ${isChargedSql}
   ORDER BY d.tenant_id, d.business_on LIMIT 100`;
const askedSql = `
  UPDATE test_clock_days SET asked_at = $3 WHERE tenant_id = $1 AND business_on = $2 AND asked_at IS NULL`;
// What the day's notifications do is part of the day; one that fits nothing yet does not stop the clock.
// A hold whose time was over on that day is given up first: the sweep is for it.
const isHeldTooLongSql = `EXISTS (
  SELECT 1 FROM payments p WHERE p.tenant_id = d.tenant_id AND p.state = 'authorised'
     AND p.authorisation_expires_at < (d.business_on + time '12:00') AT TIME ZONE 'UTC' - interval '15 minutes'
     AND NOT EXISTS (SELECT 1 FROM payment_attempts a WHERE a.tenant_id = p.tenant_id AND a.payment_id = p.id
                        AND a.state NOT IN ('succeeded', 'failed')))`;
const lockFinishedSql = `
  SELECT d.tenant_id AS "tenantId", d.business_on AS "businessOn" FROM test_clock_days d
   WHERE d.reached_at IS NULL AND d.asked_at IS NOT NULL AND ${isChargedSql}
     AND NOT ${isHeldTooLongSql} AND NOT EXISTS (
     SELECT 1 FROM provider_notifications n
      WHERE n.tenant_id = d.tenant_id AND n.state = 'waiting' AND n.tries = 0)
   ORDER BY d.tenant_id, d.business_on LIMIT 100 FOR UPDATE OF d SKIP LOCKED`;
const reachSql = `
  UPDATE test_clock_days d SET reached_at = $3, sequence = r.sequence
    FROM (SELECT k.tenant_id, k.business_on,
                 row_number() OVER (PARTITION BY k.tenant_id ORDER BY k.business_on)
                   + coalesce((SELECT max(x.sequence) FROM test_clock_days x WHERE x.tenant_id = k.tenant_id), 0)
                   AS sequence
            FROM unnest($1::uuid[], $2::date[]) k (tenant_id, business_on)) r
   WHERE d.tenant_id = r.tenant_id AND d.business_on = r.business_on
  RETURNING d.tenant_id AS "tenantId", d.business_on AS "businessOn", d.sequence`;

@Injectable()
export class TestClockRepository {
  /** The date each of these tenants lives on; absent for those on real time. */
  async latestDays(tx: Tx, tenantIds: readonly string[]): Promise<Map<string, string>> {
    const days = await tx.query<BusinessDay>(latestDaysSql, [tenantIds]);
    return new Map(days.map(({ tenantId, businessOn }) => [tenantId, businessOn]));
  }

  async insert(tx: Tx, days: readonly BusinessDay[], now: Date): Promise<void> {
    await tx.execute(insertSql, [...split(days), now]);
  }

  /** Days whose every attempt has been made, and of which the providers were not asked yet. */
  toAsk(tx: Tx): Promise<BusinessDay[]> {
    return tx.query(toAskSql);
  }

  async asked(tx: Tx, { tenantId, businessOn }: BusinessDay, now: Date): Promise<void> {
    await tx.execute(askedSql, [tenantId, businessOn, now]);
  }

  /** Days whose every attempt has been made, and of which everything that providers had to say is applied. */
  lockFinished(tx: Tx): Promise<BusinessDay[]> {
    return tx.query(lockFinishedSql);
  }

  reach(tx: Tx, days: readonly BusinessDay[], now: Date): Promise<ReachedDay[]> {
    return tx.query(reachSql, [...split(days), now]);
  }
}

function split(days: readonly BusinessDay[]): [string[], string[]] {
  return [days.map(({ tenantId }) => tenantId), days.map(({ businessOn }) => businessOn)];
}
