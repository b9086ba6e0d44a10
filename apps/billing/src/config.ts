import { Env } from '@quittance/service-kit/config/env';
import { ServiceConfig } from '@quittance/service-kit/config/service-config';
import { IsBoolean, IsIn, IsInt, IsPositive, Max, Min } from 'class-validator';
import { refundedDownPaymentRules } from './domain/subscription.ts';
import type { RefundedDownPaymentRule } from './domain/subscription.ts';

export class BillingConfig extends ServiceConfig {
  @Env('PORT', 'Port of the HTTP API; 0 takes a free one.', 8082)
  @IsInt()
  @Min(0)
  @Max(65_535)
  override port: number;

  @Env('ALLOW_TEST_CLOCK', 'Lets a tenant live on a date that is walked by hand; refused in production.', false)
  @IsBoolean()
  allowTestClock: boolean;

  @Env('TEST_CLOCK_DAY_TIMEOUT_MS', 'How long one day of a test clock may take the other services.', 60_000)
  @IsInt()
  @IsPositive()
  testClockDayTimeoutMs: number;

  @Env('DUE_SWEEP_EVERY_MS', 'How often it is looked for instalments that have become due.', 2_000)
  @IsInt()
  @IsPositive()
  dueSweepEveryMs: number;

  @Env(
    'REFUNDED_DOWN_PAYMENT',
    'What becomes of a subscription whose down payment was refunded: cancel_unless_collected or review by a person.',
    'cancel_unless_collected',
  )
  @IsIn(refundedDownPaymentRules)
  refundedDownPayment: RefundedDownPaymentRule;
}
