import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { Policy } from '../domain/policy.ts';
import { held } from '../holds/held.sql.ts';
import type { ClaimScope } from '../instalments/sweep-scope.ts';
import { FIRST, foundKeys } from '../instalments/turns.ts';
import type { FoundKeys } from '../instalments/turns.ts';

/** An instalment that is to be paid soon; its version counts the event that says so. */
export interface Upcoming extends TenantKey {
  readonly scheduleId: string;
  readonly number: number;
  readonly policyLocator: string;
  readonly policyholderLocator: string;
  readonly collection: Policy['collection'];
  /** None where it is not billed yet. */
  readonly invoiceId: string | null;
  readonly dueOn: CalendarDate;
  readonly daysBefore: number;
  readonly currency: string;
  readonly balanceMinor: bigint;
  readonly version: number;
}

/** The predicate of the index `instalments_to_remind`, whose columns are `tenant_id`, `due_at`, `id`. */
const UNTOLD = `i.upcoming_at IS NULL AND i.state IN ('scheduled', 'billed', 'partially_paid')`;

// By the policy's own calendar; the first bound is the index's, wide enough for a change of the clocks. What a hold
// keeps from being billed is not coming.
const candidates = `
   FROM instalments i
  CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = i.tenant_id AND p.locator = i.policy_locator OFFSET 0) p
  WHERE i.tenant_id = b.tenant_id AND ${UNTOLD} AND i.balance_minor > 0
    AND i.due_at > $1 AND i.due_at <= $1::timestamptz + make_interval(days => b.upcoming_invoice_days + 1)
    AND i.due_on - b.upcoming_invoice_days <= ($1::timestamptz AT TIME ZONE p.time_zone)::date
    AND NOT ${held('invoicing', 'i.due_on')}
    AND (SELECT s.state FROM schedules s WHERE s.tenant_id = i.tenant_id AND s.id = i.schedule_id)
          NOT IN ('draft', 'on_hold')`;

const claimSql = (tenants: string) => `
  SELECT c.tenant_id AS "tenantId", c.id
    FROM (SELECT tenant_id, upcoming_invoice_days FROM billing_settings b
           WHERE b.upcoming_invoice_days > 0 AND ${tenants} ORDER BY b.tenant_id OFFSET 0) b
   CROSS JOIN LATERAL (
     SELECT i.tenant_id, i.id
       FROM (SELECT i.tenant_id, i.id, i.policy_locator ${candidates} ORDER BY i.due_at, i.id OFFSET 0) i
      CROSS JOIN LATERAL (
        SELECT FROM policies l WHERE l.tenant_id = i.tenant_id AND l.locator = i.policy_locator
           FOR NO KEY UPDATE SKIP LOCKED) l
      LIMIT $2) c
   LIMIT $3`;
const REAL_TIME = claimSql(
  'b.tenant_id > $4::uuid AND NOT EXISTS (SELECT FROM test_clocks c WHERE c.tenant_id = b.tenant_id)',
);
const OF_TENANT = claimSql('b.tenant_id = $4::uuid');
const LEFT = `
  SELECT FROM billing_settings b CROSS JOIN LATERAL (SELECT i.id ${candidates} LIMIT 1) i
   WHERE b.tenant_id = $2 AND b.upcoming_invoice_days > 0`;

// Read again under the locks: another sweep may have told some of them, and a payment settled others.
const TELL = `
  UPDATE instalments i SET upcoming_at = $1, version = i.version + 1
    FROM unnest($2::uuid[], $3::uuid[]) AS n (tenant_id, id), policies p
   WHERE i.tenant_id = n.tenant_id AND i.id = n.id AND ${UNTOLD} AND i.balance_minor > 0
     AND p.tenant_id = i.tenant_id AND p.locator = i.policy_locator
  RETURNING i.tenant_id AS "tenantId", i.id, i.schedule_id AS "scheduleId", i.number,
    i.policy_locator AS "policyLocator", p.policyholder_locator AS "policyholderLocator", p.collection,
    (SELECT v.id FROM invoices v WHERE v.tenant_id = i.tenant_id AND v.instalment_id = i.id) AS "invoiceId",
    i.due_on AS "dueOn", i.due_on - ($1::timestamptz AT TIME ZONE p.time_zone)::date AS "daysBefore", i.currency,
    i.balance_minor AS "balanceMinor", i.version`;

@Injectable()
export class UpcomingRepository {
  /** Instalments of tenants who remind, whose time has come; their policies are locked. */
  async claim(tx: Tx, { now, tenantId, after = FIRST, share, limit }: ClaimScope): Promise<FoundKeys> {
    if (tenantId !== null) return foundKeys(await tx.query<TenantKey>(OF_TENANT, [now, limit, limit, tenantId]));
    return foundKeys(await tx.query<TenantKey>(REAL_TIME, [now, share, limit, after]));
  }

  /** The caller holds the locks. Each is told once, whatever becomes of its due date. */
  async tell(tx: Tx, now: Date, claimed: readonly TenantKey[]): Promise<Upcoming[]> {
    const columns = [claimed.map(({ tenantId }) => tenantId), claimed.map(({ id }) => id)];
    const rows = await tx.query<Omit<Upcoming, 'balanceMinor'> & { balanceMinor: string }>(TELL, [now, ...columns]);
    return rows.map((row) => ({ ...row, balanceMinor: BigInt(row.balanceMinor) }));
  }

  /** Of one tenant, whoever has it in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return (await tx.query(LEFT, [now, tenantId])).length > 0;
  }
}
