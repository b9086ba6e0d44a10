import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { noonUtc } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';

/** What time it is for a tenant: real time, or 12:00 UTC of its test clock's date. */
export type NowOf = (tenantId: string) => Date;

const BUSINESS_DATES = `
  SELECT tenant_id AS "tenantId", business_date AS "businessDate" FROM test_clocks WHERE tenant_id = ANY($1::uuid[])`;

@Injectable()
export class TenantTime {
  constructor(private readonly clock: Clock) {}

  /** For rules. What is recorded carries the real instant, `clock.now()`. */
  async of(tx: Tx, tenantIds: Iterable<string>): Promise<NowOf> {
    const rows = await tx.query<{ tenantId: string; businessDate: CalendarDate }>(BUSINESS_DATES, [
      [...new Set(tenantIds)],
    ]);
    const dates = new Map(rows.map(({ tenantId, businessDate }) => [tenantId, noonUtc(businessDate)]));
    const real = this.clock.now();
    return (tenantId) => dates.get(tenantId) ?? real;
  }
}
