import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import { fits, held } from '../holds/held.sql.ts';
import type { SweepTime } from '../instalments/sweep-scope.ts';

/** A policy of which a hold of invoicing began or ended. */
export interface HeldPolicy {
  readonly tenantId: string;
  readonly policyLocator: string;
  readonly startsOn: CalendarDate;
  readonly endsOn: CalendarDate | null;
  /** By another hold, today. */
  readonly isStillHeld: boolean;
}

const today = '($1::timestamptz AT TIME ZONE p.time_zone)::date';
const utc = `($1::timestamptz AT TIME ZONE 'UTC')::date`;

// A hold is looked at from a day before its dates by UTC, since those are of each policy's own zone.
const isOpen = `'invoicing' = ANY (h.targets) AND h.invoicing_step <> 'caught_up'`;
const mayBegin = `h.invoicing_step = 'waiting' AND h.starts_on <= ${utc} + 1`;
const mayEnd = `h.ends_on <= ${utc} + 1`;

const isDueWithin = `EXISTS (
  SELECT FROM instalments i
   WHERE i.tenant_id = s.tenant_id AND i.schedule_id = s.id AND i.state = 'scheduled'
     AND i.due_on >= h.starts_on AND (h.ends_on IS NULL OR i.due_on < h.ends_on))`;
const isToPlace = `(s.state = 'active' AND h.starts_on <= ${today} AND (h.ends_on IS NULL OR h.ends_on > ${today})
  AND ${isDueWithin})`;
const isToCatchUp = `(h.ends_on <= ${today}
  AND (s.state = 'on_hold' AND NOT ${held('invoicing', today)}
    OR s.state IN ('active', 'on_hold', 'cancelled') AND ${isDueWithin}))`;

const SCHEDULES = `
  policies p JOIN schedules s ON s.tenant_id = p.tenant_id AND s.policy_locator = p.locator
   WHERE p.tenant_id = h.tenant_id AND ${fits}`;
const POLICIES = (may: string, is: string, scope: string) => `
  SELECT h.tenant_id AS "tenantId", h.starts_on AS "startsOn", h.ends_on AS "endsOn", o.*
    FROM holds h
   CROSS JOIN LATERAL (
    SELECT DISTINCT p.locator AS "policyLocator", ${held('invoicing', today)} AS "isStillHeld"
      FROM ${SCHEDULES} AND ${is} LIMIT $2) o
   WHERE ${isOpen} AND ${may} AND ${scope}
   ORDER BY h.ends_on, h.tenant_id, h.id LIMIT $2`;
const REAL_TIME = 'NOT EXISTS (SELECT FROM test_clocks c WHERE c.tenant_id = h.tenant_id)';
const TO_PLACE = (scope: string) => POLICIES(mayBegin, isToPlace, scope);
const TO_CATCH_UP = (scope: string) => POLICIES(mayEnd, isToCatchUp, scope);

// Begun, or ended, in every zone, with nothing left to find. Policies that are issued within a hold later on are kept
// from being billed by their due dates, and caught up with as the others.
const STEP = (scope: string) => `
  UPDATE holds h SET invoicing_step = CASE WHEN h.ends_on < ${utc} THEN 'caught_up' ELSE 'placed' END
   WHERE ${isOpen} AND ${scope}
     AND (h.invoicing_step = 'waiting' AND h.starts_on < ${utc} OR h.ends_on < ${utc})
     AND NOT EXISTS (SELECT FROM ${SCHEDULES} AND (${isToPlace} OR ${isToCatchUp}))`;

@Injectable()
export class HeldScheduleRepository {
  /** Of which a schedule is to be put on hold. */
  toPlace(tx: Tx, time: SweepTime, limit: number): Promise<HeldPolicy[]> {
    return find(tx, TO_PLACE, time, limit);
  }

  /** Of which something was held that is not any more. */
  toCatchUp(tx: Tx, time: SweepTime, limit: number): Promise<HeldPolicy[]> {
    return find(tx, TO_CATCH_UP, time, limit);
  }

  /** Holds that are done with are not looked at again. */
  async step(tx: Tx, { now, tenantId }: SweepTime): Promise<void> {
    if (tenantId === null) await tx.execute(STEP(REAL_TIME), [now]);
    else await tx.execute(STEP('h.tenant_id = $2'), [now, tenantId]);
  }
}

function find(tx: Tx, text: (scope: string) => string, { now, tenantId }: SweepTime, limit: number) {
  return tenantId === null
    ? tx.query<HeldPolicy>(text(REAL_TIME), [now, limit])
    : tx.query<HeldPolicy>(text('h.tenant_id = $3'), [now, limit, tenantId]);
}
