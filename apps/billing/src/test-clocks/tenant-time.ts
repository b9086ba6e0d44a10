import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { noonUtc } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';

/** What time it is for a tenant: real time, or 12:00 UTC of its test clock's date. */
export type NowOf = (tenantId: string) => Date;

/** When something happened for a tenant that happened at a real instant: then, or at its test clock's now. */
export type InstantOf = (tenantId: string, real: Date) => Date;

const BUSINESS_DATES = `
  SELECT tenant_id AS "tenantId", business_date AS "businessDate" FROM test_clocks WHERE tenant_id = ANY($1::uuid[])`;

@Injectable()
export class TenantTime {
  constructor(private readonly clock: Clock) {}

  /** For rules. What is recorded carries the real instant, `clock.now()`. */
  async of(tx: Tx, tenantIds: Iterable<string>): Promise<NowOf> {
    const instantOf = await this.instants(tx, tenantIds);
    const real = this.clock.now();
    return (tenantId) => instantOf(tenantId, real);
  }

  async instants(tx: Tx, tenantIds: Iterable<string>): Promise<InstantOf> {
    const rows = await tx.query<{ tenantId: string; businessDate: CalendarDate }>(BUSINESS_DATES, [
      [...new Set(tenantIds)],
    ]);
    const dates = new Map(rows.map(({ tenantId, businessDate }) => [tenantId, noonUtc(businessDate)]));
    return (tenantId, real) => dates.get(tenantId) ?? real;
  }
}
