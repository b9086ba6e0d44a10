import { Module } from '@nestjs/common';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { CurlBodies } from '@quittance/service-kit/http/curl-bodies';
import { kitModule } from '@quittance/service-kit/kit.module';
import { AllocationRepository } from './allocations/allocation.repository.ts';
import { AllocationsService } from './allocations/allocations.service.ts';
import { ReceiptsService } from './allocations/receipts.service.ts';
import { ReceivableRepository } from './allocations/receivable.repository.ts';
import { DebtRows } from './allocations/debt-rows.service.ts';
import { ReceivablesService } from './allocations/receivables.service.ts';
import { TouchedPolicies } from './allocations/touched-policies.service.ts';
import { ReceivedPaymentRepository } from './allocations/received-payment.repository.ts';
import { ReferenceRepository } from './allocations/reference.repository.ts';
import { RemaindersService } from './allocations/remainders.service.ts';
import { SuspenseItemRepository } from './allocations/suspense-item.repository.ts';
import { SuspenseService } from './allocations/suspense.service.ts';
import { UnappliedFundRepository } from './allocations/unapplied-fund.repository.ts';
import { UnappliedFundsService } from './allocations/unapplied-funds.service.ts';
import { AutoApplyService } from './allocations/auto-apply.service.ts';
import { CreditTeller } from './allocations/credit-teller.service.ts';
import { CreditRepository } from './allocations/credit.repository.ts';
import { CreditsService } from './allocations/credits.service.ts';
import { CollectionAttemptRepository } from './collections/collection-attempt.repository.ts';
import { CollectionsService } from './collections/collections.service.ts';
import { RetryRepository } from './collections/retry.repository.ts';
import { CommissionAgreementRepository } from './commissions/commission-agreement.repository.ts';
import { CommissionAgreementsService } from './commissions/commission-agreements.service.ts';
import { CommissionEntryRepository } from './commissions/commission-entry.repository.ts';
import { CommissionPayoutRepository } from './commissions/commission-payout.repository.ts';
import { CommissionPayoutsService } from './commissions/commission-payouts.service.ts';
import { CommissionRepository } from './commissions/commission.repository.ts';
import { CommissionsController } from './commissions/commissions.controller.ts';
import { CommissionsService } from './commissions/commissions.service.ts';
import { ProducersService } from './commissions/producers.service.ts';
import type { BillingConfig } from './config.ts';
import { DisbursementConsumer } from './consumers/disbursement.consumer.ts';
import { DisputeConsumer } from './consumers/dispute.consumer.ts';
import { PaymentFailedConsumer } from './consumers/payment-failed.consumer.ts';
import { PaymentLinkConsumer } from './consumers/payment-link.consumer.ts';
import { PaymentPostedConsumer } from './consumers/payment-posted.consumer.ts';
import { PaymentTakenBackConsumer } from './consumers/payment-taken-back.consumer.ts';
import { PolicyTransactionConsumer } from './consumers/policy-transaction.consumer.ts';
import { PolicyIssuedConsumer } from './consumers/policy-issued.consumer.ts';
import { RefundSucceededConsumer } from './consumers/refund-succeeded.consumer.ts';
import { TestClockAnsweredConsumer } from './consumers/test-clock-answered.consumer.ts';
import { CancellationAnsweredConsumer } from './consumers/cancellation-answered.consumer.ts';
import { MoratoriumConsumer } from './consumers/moratorium.consumer.ts';
import { NoticeConsumer } from './consumers/notice.consumer.ts';
import { AssessedFeeRepository } from './delinquency/assessed-fee.repository.ts';
import { CancellationAnswersService } from './delinquency/cancellation-answers.service.ts';
import { DelinquenciesController } from './delinquency/delinquencies.controller.ts';
import { DelinquenciesService } from './delinquency/delinquencies.service.ts';
import { DelinquencyFilesService } from './delinquency/delinquency-files.service.ts';
import { DelinquencySettingsController } from './delinquency/delinquency-settings.controller.ts';
import { DelinquencySettingsRepository } from './delinquency/delinquency-settings.repository.ts';
import { DelinquencySettingsService } from './delinquency/delinquency-settings.service.ts';
import { DelinquencySweepService } from './delinquency/delinquency-sweep.service.ts';
import { DelinquencyRepository } from './delinquency/delinquency.repository.ts';
import { LateMoneyRepository } from './delinquency/late-money.repository.ts';
import { EquityRepository } from './delinquency/equity.repository.ts';
import { FollowDelinquenciesWorker } from './delinquency/follow-delinquencies.worker.ts';
import { NoticesService } from './delinquency/notices.service.ts';
import { PastDueClaimRepository } from './delinquency/past-due-claim.repository.ts';
import { PastDueRepository } from './delinquency/past-due.repository.ts';
import { PaymentEchoService } from './delinquency/payment-echo.service.ts';
import { TroubleFeesService } from './delinquency/trouble-fees.service.ts';
import { HoldRepository } from './holds/hold.repository.ts';
import { HoldsController } from './holds/holds.controller.ts';
import { HoldsService } from './holds/holds.service.ts';
import { DisbursementFundsService } from './disbursements/disbursement-funds.service.ts';
import { DisbursementRequestRepository } from './disbursements/disbursement-request.repository.ts';
import { DisbursementRequestsController } from './disbursements/disbursement-requests.controller.ts';
import { DisbursementRequestsService } from './disbursements/disbursement-requests.service.ts';
import { DisputeRepository } from './disputes/dispute.repository.ts';
import { DisputesService } from './disputes/disputes.service.ts';
import { entities } from './entities.ts';
import { AnnounceRepository } from './instalments/announce.repository.ts';
import { BillService } from './instalments/bill.service.ts';
import { ClaimRepository } from './instalments/claim.repository.ts';
import { DueRepository } from './instalments/due.repository.ts';
import { DueService } from './instalments/due.service.ts';
import { InstalmentSweep } from './instalments/instalment-sweep.service.ts';
import { InstalmentRepository } from './instalments/instalment.repository.ts';
import { NothingOwedService } from './instalments/nothing-owed.service.ts';
import { ReleaseDueWorker } from './sweep/release-due.worker.ts';
import { PastDueNewsRepository } from './past-due/past-due-news.repository.ts';
import { PastDueNewsService } from './past-due/past-due-news.service.ts';
import { EquityNewsService } from './equity/equity-news.service.ts';
import { PolicyEquityRepository } from './equity/policy-equity.repository.ts';
import { UpcomingRepository } from './reminders/upcoming.repository.ts';
import { UpcomingService } from './reminders/upcoming.service.ts';
import { SweepService } from './sweep/sweep.service.ts';
import { WaitingMoneyRepository } from './instalments/waiting-money.repository.ts';
import { WaitingMoneyService } from './instalments/waiting-money.service.ts';
import { InvariantRepository } from './invariants/invariant.repository.ts';
import { FeesService } from './fees/fees.service.ts';
import { InvoiceRepository } from './invoices/invoice.repository.ts';
import { InvoicesController } from './invoices/invoices.controller.ts';
import { InvoicesService } from './invoices/invoices.service.ts';
import { BookingsService } from './partners/bookings.service.ts';
import { CollectionRepository } from './partners/collection.repository.ts';
import { PartnerCollectionsService } from './partners/collections.service.ts';
import { EarlyBillingService } from './partners/early-billing.service.ts';
import { PartnersController } from './partners/partners.controller.ts';
import { QuotePackageRepository } from './partners/quote-package.repository.ts';
import { QuotesService } from './partners/quotes.service.ts';
import { QuotePricedConsumer } from './consumers/quote-priced.consumer.ts';
import { PlanOffersService } from './offers/plan-offers.service.ts';
import { PricedQuoteRepository } from './offers/priced-quote.repository.ts';
import { PoliciesController } from './policies/policies.controller.ts';
import { PoliciesReader } from './policies/policies-reader.service.ts';
import { PoliciesService } from './policies/policies.service.ts';
import { IssueService } from './invoices/issue.service.ts';
import { NewScheduleRepository } from './schedules/new-schedule.repository.ts';
import { PolicyTermRepository } from './policies/policy-term.repository.ts';
import { PolicyRepository } from './policies/policy.repository.ts';
import { problems } from './problems.ts';
import { PlanRepository } from './plans/plan.repository.ts';
import { PlansController } from './plans/plans.controller.ts';
import { PlansService } from './plans/plans.service.ts';
import { PlanningService } from './schedules/planning.service.ts';
import { ScheduleRepository } from './schedules/schedule.repository.ts';
import { SchedulesController } from './schedules/schedules.controller.ts';
import { SchedulesService } from './schedules/schedules.service.ts';
import { BillingSettingsController } from './settings/billing-settings.controller.ts';
import { BillingSettingsRepository } from './settings/billing-settings.repository.ts';
import { BillingSettingsService } from './settings/billing-settings.service.ts';
import { DueSubscriptionRepository } from './subscriptions/due-subscription.repository.ts';
import { NewSubscriptions } from './subscriptions/new-subscriptions.service.ts';
import { PaidLinks } from './subscriptions/paid-links.service.ts';
import { PeriodSteps } from './subscriptions/period-steps.service.ts';
import { PeriodsService } from './subscriptions/periods.service.ts';
import { SubscriptionBooks } from './subscriptions/subscription-books.service.ts';
import { SubscriptionPeriodRepository } from './subscriptions/subscription-period.repository.ts';
import { SubscriptionRepository } from './subscriptions/subscription.repository.ts';
import { UnpaidSubscriptions } from './subscriptions/unpaid-subscriptions.service.ts';
import { SubscriptionSweep } from './subscriptions/subscription-sweep.service.ts';
import { SubscriptionsController } from './subscriptions/subscriptions.controller.ts';
import { SubscriptionsService } from './subscriptions/subscriptions.service.ts';
import { TenantTime } from './test-clocks/tenant-time.ts';
import { TestClockRepository } from './test-clocks/test-clock.repository.ts';
import { TestClocksController } from './test-clocks/test-clocks.controller.ts';
import { TestClocksService } from './test-clocks/test-clocks.service.ts';
import { DebtRulesService } from './write-offs/debt-rules.service.ts';
import { WriteOffRepository } from './write-offs/write-off.repository.ts';
import { WriteOffsController } from './write-offs/write-offs.controller.ts';
import { WriteOffsService } from './write-offs/write-offs.service.ts';
import { ExcessRepository } from './housekeeping/excess.repository.ts';
import { ExcessService } from './housekeeping/excess.service.ts';
import { LateFundRepository } from './housekeeping/late-fund.repository.ts';
import { LateMoneyService } from './housekeeping/late-money.service.ts';
import { CatchUpService } from './catch-up/catch-up.service.ts';
import { HeldScheduleRepository } from './catch-up/held-schedule.repository.ts';
import { HeldTermsService } from './catch-up/held-terms.service.ts';
import { HeldOwnerRepository } from './holds/held-owner.repository.ts';
import { HousekeepingService } from './housekeeping/housekeeping.service.ts';
import { StatementAccountRepository } from './statements/statement-account.repository.ts';
import { StatementCycleService } from './statements/statement-cycle.service.ts';
import { StatementFactRepository } from './statements/statement-fact.repository.ts';
import { StatementIssueService } from './statements/statement-issue.service.ts';
import { StatementRepository } from './statements/statement.repository.ts';
import { StatementRunRepository } from './statements/statement-run.repository.ts';
import { StatementsController } from './statements/statements.controller.ts';
import { StatementsService } from './statements/statements.service.ts';
import { SuspenseItemsController } from './suspense/suspense-items.controller.ts';
import { SuspenseItemsService } from './suspense/suspense-items.service.ts';
import { SuspenseSearchRepository } from './suspense/suspense-search.repository.ts';
import { PaymentApplicationsController } from './applications/payment-applications.controller.ts';
import { PaymentApplicationsService } from './applications/payment-applications.service.ts';
import { HeldPaymentsService } from './withdrawals/held-payments.service.ts';
import { VoidedRefundsService } from './withdrawals/voided-refunds.service.ts';
import { WithdrawalRepository } from './withdrawals/withdrawal.repository.ts';
import { CarriedMoneyService } from './transactions/carried-money.service.ts';
import { ChangesService } from './transactions/changes.service.ts';
import { DecisionsService } from './transactions/decisions.service.ts';
import { EquityController } from './transactions/equity.controller.ts';
import { EquityService } from './transactions/equity.service.ts';
import { MoneyAfterService } from './transactions/money-after.service.ts';
import { MoneyBeforeService } from './transactions/money-before.service.ts';
import { ReinstatementFees } from './transactions/reinstatement-fees.service.ts';
import { RenewalsService } from './transactions/renewals.service.ts';
import { TermBookRepository } from './transactions/term-book.repository.ts';
import { TermBooksService } from './transactions/term-books.service.ts';
import { ToldTransactionsService } from './transactions/told-transactions.service.ts';
import { TransactionsReader } from './transactions/transactions-reader.service.ts';
import { ReturnRuleRepository } from './transactions/return-rule.repository.ts';
import { ReturnRulesController } from './transactions/return-rules.controller.ts';
import { ReturnRulesService } from './transactions/return-rules.service.ts';
import { TransactionsController } from './transactions/transactions.controller.ts';
import { TransactionsService } from './transactions/transactions.service.ts';
import { UndoneInvoicesService } from './withdrawals/undone-invoices.service.ts';
import { WithdrawalsService } from './withdrawals/withdrawals.service.ts';

const controllers: Type<object>[] = [
  PoliciesController,
  TransactionsController,
  EquityController,
  SchedulesController,
  PlansController,
  InvoicesController,
  DisbursementRequestsController,
  SubscriptionsController,
  CommissionsController,
  TestClocksController,
  DelinquenciesController,
  DelinquencySettingsController,
  ReturnRulesController,
  HoldsController,
  PartnersController,
  BillingSettingsController,
  WriteOffsController,
  StatementsController,
  SuspenseItemsController,
  PaymentApplicationsController,
];

const consumers: Type<object>[] = [
  PolicyIssuedConsumer,
  PolicyTransactionConsumer,
  QuotePricedConsumer,
  PaymentPostedConsumer,
  PaymentFailedConsumer,
  PaymentTakenBackConsumer,
  RefundSucceededConsumer,
  DisputeConsumer,
  DisbursementConsumer,
  PaymentLinkConsumer,
  TestClockAnsweredConsumer,
  CancellationAnsweredConsumer,
  NoticeConsumer,
  MoratoriumConsumer,
];

const repositories: Provider[] = [
  PolicyRepository,
  PlanRepository,
  PricedQuoteRepository,
  PolicyTermRepository,
  NewScheduleRepository,
  TermBookRepository,
  CreditRepository,
  ScheduleRepository,
  InstalmentRepository,
  DueRepository,
  ClaimRepository,
  AnnounceRepository,
  WaitingMoneyRepository,
  InvoiceRepository,
  CollectionAttemptRepository,
  RetryRepository,
  ReceivableRepository,
  ReferenceRepository,
  ReceivedPaymentRepository,
  AllocationRepository,
  UnappliedFundRepository,
  SuspenseItemRepository,
  WithdrawalRepository,
  DisputeRepository,
  DisbursementRequestRepository,
  SubscriptionRepository,
  SubscriptionPeriodRepository,
  DueSubscriptionRepository,
  TestClockRepository,
  CommissionAgreementRepository,
  CommissionRepository,
  CommissionEntryRepository,
  CommissionPayoutRepository,
  InvariantRepository,
  DelinquencyRepository,
  LateMoneyRepository,
  DelinquencySettingsRepository,
  PastDueClaimRepository,
  ReturnRuleRepository,
  PastDueRepository,
  PastDueNewsRepository,
  UpcomingRepository,
  PolicyEquityRepository,
  AssessedFeeRepository,
  EquityRepository,
  HoldRepository,
  QuotePackageRepository,
  CollectionRepository,
  BillingSettingsRepository,
  WriteOffRepository,
  StatementFactRepository,
  StatementAccountRepository,
  StatementRunRepository,
  StatementRepository,
  ExcessRepository,
  LateFundRepository,
  SuspenseSearchRepository,
];

const services: Provider[] = [
  TenantTime,
  PoliciesService,
  PoliciesReader,
  EquityService,
  TransactionsService,
  TransactionsReader,
  ToldTransactionsService,
  TermBooksService,
  DecisionsService,
  ReinstatementFees,
  ChangesService,
  RenewalsService,
  CarriedMoneyService,
  MoneyBeforeService,
  MoneyAfterService,
  UndoneInvoicesService,
  PlansService,
  PlanningService,
  PlanOffersService,
  IssueService,
  FeesService,
  CreditsService,
  CreditTeller,
  AutoApplyService,
  SchedulesService,
  InvoicesService,
  BillService,
  WaitingMoneyService,
  NothingOwedService,
  DueService,
  InstalmentSweep,
  PastDueNewsService,
  UpcomingService,
  EquityNewsService,
  SweepService,
  CollectionsService,
  ReceiptsService,
  ReceivablesService,
  TouchedPolicies,
  DebtRows,
  RemaindersService,
  AllocationsService,
  SuspenseService,
  HeldPaymentsService,
  WithdrawalsService,
  VoidedRefundsService,
  DisputesService,
  DisbursementFundsService,
  DisbursementRequestsService,
  SubscriptionsService,
  SubscriptionBooks,
  SubscriptionSweep,
  PeriodsService,
  PeriodSteps,
  PaidLinks,
  NewSubscriptions,
  UnpaidSubscriptions,
  UnappliedFundsService,
  TestClocksService,
  DelinquenciesService,
  DelinquencySweepService,
  DelinquencyFilesService,
  DelinquencySettingsService,
  ReturnRulesService,
  NoticesService,
  CancellationAnswersService,
  TroubleFeesService,
  PaymentEchoService,
  HoldsService,
  CommissionsService,
  CommissionAgreementsService,
  CommissionPayoutsService,
  ProducersService,
  QuotesService,
  BookingsService,
  EarlyBillingService,
  PartnerCollectionsService,
  BillingSettingsService,
  DebtRulesService,
  WriteOffsService,
  StatementIssueService,
  StatementCycleService,
  StatementsService,
  LateMoneyService,
  ExcessService,
  CatchUpService,
  HeldOwnerRepository,
  HeldScheduleRepository,
  HeldTermsService,
  HousekeepingService,
  SuspenseItemsService,
  PaymentApplicationsService,
];

@Module({})
class BillingModule {}

/** The whole service: the only list of what it is made of. */
export function billingModule(config: BillingConfig): DynamicModule {
  return {
    module: BillingModule,
    imports: [kitModule({ name: 'billing', config, entities, problems })],
    controllers: [...controllers, ...consumers],
    providers: [...repositories, ...services, ReleaseDueWorker, FollowDelinquenciesWorker, CurlBodies],
  };
}
