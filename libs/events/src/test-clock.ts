import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { LocalDate } from './schema.ts';

/** Subject is the tenant's id: each tenant walks its own calendar. */
export const TestClockData = Type.Object({ businessDate: LocalDate }, { title: 'TestClock' });
export type TestClockData = Static<typeof TestClockData>;

const sample: TestClockData = { businessDate: '2025-01-31' };

/** Billing moves the date, payments and reconciliation answer when that day's work is done. */
export const testClockEvents = {
  ...define('BILLING', 'billing', {
    'test_clock.advanced': event('Billing has finished its work of a business date.', TestClockData, sample),
  }),
  ...define('PAYMENTS', 'payments', {
    'test_clock.reached': event('Payments has finished its work of a business date.', TestClockData, sample),
  }),
  ...define('RECONCILIATION', 'reconciliation', {
    'test_clock.reconciled': event('Reconciliation has finished its work of a business date.', TestClockData, sample),
  }),
};
