import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';

export interface TestClock {
  readonly tenantId: string;
  readonly businessDate: CalendarDate;
  /** The last date whose sweep is done and was announced. */
  readonly advancedOn: CalendarDate | null;
  /** The last date whose work payments has finished. */
  readonly reachedOn: CalendarDate | null;
  /** The last date whose work reconciliation has finished. */
  readonly reconciledOn: CalendarDate | null;
  /** The advance that runs; its lease frees the clock when it dies. */
  readonly runningBy: string | null;
  readonly leaseUntil: Date | null;
  readonly version: number;
}

export const TestClockEntity = new EntitySchema<TestClock>({
  name: 'TestClock',
  tableName: 'test_clocks',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    businessDate: date('business_date'),
    advancedOn: date('advanced_on', { nullable: true }),
    reachedOn: date('reached_on', { nullable: true }),
    reconciledOn: date('reconciled_on', { nullable: true }),
    runningBy: uuid('running_by', { nullable: true }),
    leaseUntil: instant('lease_until', { nullable: true }),
    version: { type: 'integer', name: 'version' },
  },
});
