import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import type { HeldFund } from './excess.repository.ts';

export interface LateFund extends HeldFund {
  /** The first date without cover; null where the policy goes on after all. */
  readonly lapsedOn: CalendarDate | null;
  readonly policyholderLocator: string;
}

// By the policy's own calendar. What a hold keeps is asked for once a day. A reinstatement counts before its
// delinquency has been looked at.
const NEXT = (scope: string) => `
  SELECT f.tenant_id AS "tenantId", f.id, f.owner_type AS "ownerType", f.owner_locator AS "ownerLocator", f.currency,
         p.policyholder_locator AS "policyholderLocator",
         (SELECT min(d.cancel_on) FROM delinquencies d
           WHERE d.tenant_id = p.tenant_id AND d.policy_locator = p.locator AND d.state = 'lapsed'
             AND NOT EXISTS (SELECT FROM policy_transactions t
                   WHERE t.tenant_id = d.tenant_id AND t.policy_locator = d.policy_locator AND t.state = 'applied'
                     AND t.type = 'reinstatement' AND t.effective_date >= d.cancel_on)) AS "lapsedOn"
    FROM unapplied_funds f JOIN policies p ON p.tenant_id = f.tenant_id AND p.locator::text = f.owner_locator
   WHERE f.give_back_on IS NOT NULL AND f.give_back_on <= ($1::timestamptz AT TIME ZONE p.time_zone)::date
     AND f.owner_type = 'policy' AND (f.excess_checked_on IS NULL OR f.excess_checked_on < $2) AND ${scope}
   ORDER BY f.give_back_on LIMIT 1`;
const IN_REAL_TIME = NEXT('NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = f.tenant_id)');
const OF_TENANT = NEXT('f.tenant_id = $3');

const GIVEN_BACK = `UPDATE unapplied_funds SET give_back_on = NULL WHERE tenant_id = $1 AND id = $2`;

/** Funds in which money lies that came after a lapse, and for which no reinstatement can come any more. */
@Injectable()
export class LateFundRepository {
  /** Not locked: its payments come first. */
  async next(tx: Tx, today: CalendarDate, { now, tenantId }: SweepScope): Promise<LateFund | null> {
    const [fund] =
      tenantId === null
        ? await tx.query<LateFund>(IN_REAL_TIME, [now, today])
        : await tx.query<LateFund>(OF_TENANT, [now, today, tenantId]);
    return fund ?? null;
  }

  async givenBack(tx: Tx, { tenantId, id }: HeldFund): Promise<void> {
    await tx.execute(GIVEN_BACK, [tenantId, id]);
  }
}
