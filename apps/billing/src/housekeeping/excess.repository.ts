import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { FundOwner } from '../allocations/allocation.entity.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Debts } from '../domain/excess.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';

export type HeldFund = FundOwner & { readonly id: string };

const NEXT = (scope: string) => `
  SELECT f.tenant_id AS "tenantId", f.id, f.owner_type AS "ownerType", f.owner_locator AS "ownerLocator", f.currency
    FROM billing_settings s JOIN unapplied_funds f ON f.tenant_id = s.tenant_id
   WHERE s.disburse_excess AND f.balance_minor > 0 AND (f.excess_checked_on IS NULL OR f.excess_checked_on < $1)
     AND ${scope}
   ORDER BY f.tenant_id, f.id LIMIT 1`;
const IN_REAL_TIME = NEXT('NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = s.tenant_id)');
const OF_TENANT = NEXT('s.tenant_id = $2');

const CHECKED = `UPDATE unapplied_funds SET excess_checked_on = $3 WHERE tenant_id = $1 AND id = $2`;

// By each policy's own calendar.
const DEBTS = (owner: string) => `
  SELECT coalesce(sum(v.past_due), 0)::text AS "pastDue", coalesce(sum(v.open), 0)::text AS open,
         coalesce(sum(i.unbilled), 0)::text AS unbilled, min(p.policyholder_locator) AS "policyholderLocator"
    FROM policies p
   CROSS JOIN LATERAL (
    SELECT sum(v.balance_minor) FILTER (WHERE v.due_on < ($4::timestamptz AT TIME ZONE p.time_zone)::date) AS past_due,
           sum(v.balance_minor) FILTER (WHERE v.due_on >= ($4::timestamptz AT TIME ZONE p.time_zone)::date) AS open
      FROM invoices v WHERE v.tenant_id = p.tenant_id AND v.policy_locator = p.locator
       AND v.state IN ('open', 'partially_paid')) v
   CROSS JOIN LATERAL (
    SELECT sum(i.balance_minor) AS unbilled FROM instalments i
     WHERE i.tenant_id = p.tenant_id AND i.policy_locator = p.locator AND i.state = 'scheduled') i
   WHERE p.tenant_id = $1 AND p.currency = $3 AND ${owner}`;
const DEBTS_OF = { policy: DEBTS('p.locator = $2::uuid'), policyholder: DEBTS('p.policyholder_locator = $2') };

@Injectable()
export class ExcessRepository {
  /** A fund that was not looked at on this date. Not locked: its payments come first. */
  async next(tx: Tx, today: CalendarDate, { tenantId }: SweepScope): Promise<HeldFund | null> {
    const [fund] =
      tenantId === null
        ? await tx.query<HeldFund>(IN_REAL_TIME, [today])
        : await tx.query<HeldFund>(OF_TENANT, [today, tenantId]);
    return fund ?? null;
  }

  /** What the owner of a fund owes in its currency, and who they are. */
  async debtsOf(tx: Tx, { tenantId, ownerType, ownerLocator, currency }: FundOwner, now: Date) {
    type Row = { pastDue: string; open: string; unbilled: string; policyholderLocator: string | null };
    const [row] = await tx.query<Row>(DEBTS_OF[ownerType], [tenantId, ownerLocator, currency, now]);
    const { pastDue = '0', open = '0', unbilled = '0', policyholderLocator = null } = row ?? {};
    const debts: Debts = {
      pastDueMinor: BigInt(pastDue),
      openMinor: BigInt(open),
      unbilledMinor: BigInt(unbilled),
    };
    return { debts, policyholderLocator };
  }

  async checked(tx: Tx, { tenantId, id }: HeldFund, on: CalendarDate): Promise<void> {
    await tx.execute(CHECKED, [tenantId, id, on]);
  }
}
