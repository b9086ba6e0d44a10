import type { EntitySchema } from 'typeorm';
import {
  AllocationEntity,
  ReceivedPaymentEntity,
  SuspenseItemEntity,
  UnappliedEntryEntity,
  UnappliedFundEntity,
} from './allocations/allocation.entity.ts';
import { CollectionAttemptEntity } from './collections/collection-attempt.entity.ts';
import { DelinquencyEntity, DelinquencyNoticeEntity } from './delinquency/delinquency.entity.ts';
import { DelinquencyPlanEntity } from './delinquency/delinquency-plan.entity.ts';
import { DelinquencyRuleEntity } from './delinquency/delinquency-rule.entity.ts';
import { AssessedFeeEntity, FeeRuleEntity } from './delinquency/fee-rule.entity.ts';
import {
  CommissionAgreementEntity,
  CommissionEntryEntity,
  CommissionPayoutEntity,
} from './commissions/commission.entity.ts';
import { DisbursementRequestEntity } from './disbursements/disbursement-request.entity.ts';
import { HoldEntity } from './holds/hold.entity.ts';
import { InstalmentEntity, InstalmentLineEntity } from './instalments/instalment.entity.ts';
import { InvoiceEntity, InvoiceItemEntity } from './invoices/invoice.entity.ts';
import { ChargeEntity } from './policies/charge.entity.ts';
import { PolicyEntity } from './policies/policy.entity.ts';
import { PolicyholderEntity } from './policies/policyholder.entity.ts';
import { PolicyTermEntity } from './policies/policy-term.entity.ts';
import { PolicyTransactionEntity } from './policies/policy-transaction.entity.ts';
import { ScheduleEntity } from './schedules/schedule.entity.ts';
import { SubscriptionPeriodEntity } from './subscriptions/subscription-period.entity.ts';
import { SubscriptionEntity } from './subscriptions/subscription.entity.ts';
import { TestClockEntity } from './test-clocks/test-clock.entity.ts';
import { RefundEntity, ShortfallEntity } from './withdrawals/withdrawal.entity.ts';
import { ReturnRuleEntity } from './transactions/return-rule.entity.ts';

export const entities = [
  PolicyholderEntity,
  PolicyEntity,
  PolicyTransactionEntity,
  PolicyTermEntity,
  ChargeEntity,
  ScheduleEntity,
  InstalmentEntity,
  InstalmentLineEntity,
  InvoiceEntity,
  InvoiceItemEntity,
  CollectionAttemptEntity,
  ReceivedPaymentEntity,
  AllocationEntity,
  UnappliedFundEntity,
  UnappliedEntryEntity,
  SuspenseItemEntity,
  TestClockEntity,
  RefundEntity,
  ShortfallEntity,
  DisbursementRequestEntity,
  SubscriptionEntity,
  DelinquencyPlanEntity,
  DelinquencyRuleEntity,
  FeeRuleEntity,
  ReturnRuleEntity,
  HoldEntity,
  DelinquencyEntity,
  DelinquencyNoticeEntity,
  AssessedFeeEntity,
  CommissionAgreementEntity,
  CommissionEntryEntity,
  CommissionPayoutEntity,
  SubscriptionPeriodEntity,
] as unknown as readonly EntitySchema<never>[];
