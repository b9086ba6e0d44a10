import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { held } from '../holds/held.sql.ts';

/** A hold of invoicing whose schedules are not all on hold yet, or not all caught up with. */
export interface InvoicingHold {
  readonly tenantId: string;
  readonly id: string;
  readonly step: 'waiting' | 'placed';
  readonly startsOn: CalendarDate;
  readonly endsOn: CalendarDate | null;
  /** In every zone: nothing more is to be found after it was looked for once. */
  readonly hasBegun: boolean;
  readonly hasEnded: boolean;
}

export interface HeldPolicyKey {
  readonly tenantId: string;
  readonly policyLocator: string;
  /** By another hold, today. */
  readonly isStillHeld: boolean;
}

const utc = `($1::timestamptz AT TIME ZONE 'UTC')::date`;
const today = '($1::timestamptz AT TIME ZONE p.time_zone)::date';

// A day early and a day late by UTC: the dates are those of each policy's own zone.
const DUE = (scope: string, lock: string) => `
  SELECT h.tenant_id AS "tenantId", h.id, h.invoicing_step AS step, h.starts_on AS "startsOn", h.ends_on AS "endsOn",
         h.starts_on < ${utc} AS "hasBegun", coalesce(h.ends_on < ${utc}, false) AS "hasEnded"
    FROM holds h
   WHERE 'invoicing' = ANY (h.targets) AND h.invoicing_step <> 'caught_up' AND ${scope}
     AND h.starts_on <= ${utc} + 1 AND (h.invoicing_step = 'waiting' OR h.ends_on <= ${utc} + 1)
   ORDER BY h.starts_on, h.tenant_id, h.id LIMIT $2 ${lock}`;
const MINE = 'FOR NO KEY UPDATE OF h SKIP LOCKED';
const REAL_TIME = 'NOT EXISTS (SELECT FROM test_clocks c WHERE c.tenant_id = h.tenant_id)';

const isWithin = `i.state = 'scheduled' AND i.due_on >= h.starts_on AND (h.ends_on IS NULL OR i.due_on < h.ends_on)`;
const POLICIES = (state: string) => `
  SELECT DISTINCT p.tenant_id AS "tenantId", p.locator AS "policyLocator",
         ${held('invoicing', today)} AS "isStillHeld"
    FROM holds h
    JOIN policies p ON p.tenant_id = h.tenant_id
     AND (h.policy_locator IS NULL OR h.policy_locator = p.locator)
     AND (h.jurisdiction IS NULL OR h.jurisdiction = p.jurisdiction)
     AND (h.line IS NULL OR h.line = p.line)
     AND (h.producer_id IS NULL OR h.producer_id = p.producer_id)
    JOIN schedules s ON s.tenant_id = p.tenant_id AND s.policy_locator = p.locator
   CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM instalments i
                    WHERE i.tenant_id = s.tenant_id AND i.schedule_id = s.id AND ${isWithin}) AS any) AS within
   WHERE h.tenant_id = $2 AND h.id = $3 AND ${state}
   ORDER BY p.locator LIMIT $4`;
const TO_PLACE = POLICIES(
  `s.state = 'active' AND within.any AND h.starts_on <= ${today} AND (h.ends_on IS NULL OR h.ends_on > ${today})`,
);
const TO_CATCH_UP = POLICIES(
  `h.ends_on <= ${today} AND (s.state IN ('active', 'on_hold') AND within.any
     OR s.state = 'on_hold' AND NOT ${held('invoicing', today)})`,
);

const STEP = 'UPDATE holds SET invoicing_step = $3 WHERE tenant_id = $1 AND id = $2';

@Injectable()
export class HeldScheduleRepository {
  /** Locked: of two sweeps one looks after a hold. */
  due(tx: Tx, { now, tenantId }: Pick<SweepScope, 'now' | 'tenantId'>, limit: number): Promise<InvoicingHold[]> {
    if (tenantId === null) return tx.query<InvoicingHold>(DUE(REAL_TIME, MINE), [now, limit]);
    return tx.query<InvoicingHold>(DUE('h.tenant_id = $3', MINE), [now, limit, tenantId]);
  }

  /** In whoever's hand they are. */
  ofTenant(tx: Tx, now: Date, tenantId: string, limit: number): Promise<InvoicingHold[]> {
    return tx.query<InvoicingHold>(DUE('h.tenant_id = $3', ''), [now, limit, tenantId]);
  }

  /** Of which a schedule is to be put on hold. */
  toPlace(tx: Tx, { tenantId, id }: InvoicingHold, now: Date, limit: number): Promise<HeldPolicyKey[]> {
    return tx.query<HeldPolicyKey>(TO_PLACE, [now, tenantId, id, limit]);
  }

  /** Of which something was held that is not any more. */
  toCatchUp(tx: Tx, { tenantId, id }: InvoicingHold, now: Date, limit: number): Promise<HeldPolicyKey[]> {
    return tx.query<HeldPolicyKey>(TO_CATCH_UP, [now, tenantId, id, limit]);
  }

  async step(tx: Tx, { tenantId, id }: InvoicingHold, step: 'placed' | 'caught_up'): Promise<void> {
    await tx.execute(STEP, [tenantId, id, step]);
  }
}
