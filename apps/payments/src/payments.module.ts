import { Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown, Provider } from '@nestjs/common';
import { kitModule } from '@quittance/service-kit/kit.module';
import { PaymentsConfig } from './config.ts';
import { DepositMatchedConsumer } from './consumers/deposit-matched.consumer.ts';
import { DisbursementRequestedConsumer } from './consumers/disbursement-requested.consumer.ts';
import { InstalmentDueConsumer } from './consumers/instalment-due.consumer.ts';
import { InvoicePaidConsumer } from './consumers/invoice-paid.consumer.ts';
import { ReturnDetectedConsumer } from './consumers/return-detected.consumer.ts';
import { SubscriptionCreatedConsumer } from './consumers/subscription-created.consumer.ts';
import { SubscriptionDueConsumer } from './consumers/subscription-due.consumer.ts';
import { TestClockAdvancedConsumer } from './consumers/test-clock-advanced.consumer.ts';
import { DisbursementEntity } from './disbursements/disbursement.entity.ts';
import { DisbursementRepository } from './disbursements/disbursement.repository.ts';
import { DisbursementsController } from './disbursements/disbursements.controller.ts';
import { DisbursementsService } from './disbursements/disbursements.service.ts';
import { MarkStaleWorker } from './disbursements/mark-stale.worker.ts';
import { NewDisbursements } from './disbursements/new-disbursements.ts';
import { DisputeConsequences } from './disputes/dispute-consequences.service.ts';
import { DisputeEntity } from './disputes/dispute.entity.ts';
import { DisputeRepository } from './disputes/dispute.repository.ts';
import { DisputesController } from './disputes/disputes.controller.ts';
import { DisputesService } from './disputes/disputes.service.ts';
import { WarnDisputesWorker } from './disputes/warn-disputes.worker.ts';
import { FlagEntity } from './flags/flag.entity.ts';
import { FlagRepository } from './flags/flag.repository.ts';
import { FlagResolutions } from './flags/flag-resolutions.service.ts';
import { FlagsController } from './flags/flags.controller.ts';
import { FlagsService } from './flags/flags.service.ts';
import { MediaContentRepository } from './media/media-content.repository.ts';
import { MediaStore } from './media/media-store.ts';
import { MediaController } from './media/media.controller.ts';
import { MediaEntity } from './media/media.entity.ts';
import { MediaRepository } from './media/media.repository.ts';
import { MediaService } from './media/media.service.ts';
import { ApplyNotificationsWorker } from './notifications/apply-notifications.worker.ts';
import { NotificationDesk } from './notifications/notification-desk.ts';
import { NotificationRepository } from './notifications/notification.repository.ts';
import { NotificationsController } from './notifications/notifications.controller.ts';
import { NotificationsService } from './notifications/notifications.service.ts';
import { PurgeNotificationsWorker } from './notifications/purge-notifications.worker.ts';
import { OutcomeNewsService } from './notifications/outcome-news.service.ts';
import { ExpireLinksWorker } from './payment-links/expire-links.worker.ts';
import { GiveBackSurplusWorker } from './payment-links/give-back-surplus.worker.ts';
import { LinkAddresses } from './payment-links/link-addresses.ts';
import { LinkFacts } from './payment-links/link-facts.service.ts';
import { LinkRefunds } from './payment-links/link-refunds.service.ts';
import { PaymentLinkEntity } from './payment-links/payment-link.entity.ts';
import { PaymentLinkRepository } from './payment-links/payment-link.repository.ts';
import { PaymentLinksController } from './payment-links/payment-links.controller.ts';
import { PaymentLinksService } from './payment-links/payment-links.service.ts';
import { PeriodLinks } from './payment-links/period-links.service.ts';
import { SurplusService } from './payment-links/surplus.service.ts';
import { FormBodies } from './pay-page/form-bodies.ts';
import { LinkAttempts } from './pay-page/link-attempts.service.ts';
import { LinkCharges } from './pay-page/link-charges.service.ts';
import { PayPageController } from './pay-page/pay-page.controller.ts';
import { PayPageService } from './pay-page/pay-page.service.ts';
import { ExpireMethodsWorker } from './payment-methods/expire-methods.worker.ts';
import { MethodNewsService } from './payment-methods/method-news.service.ts';
import { PaymentMethodEntity } from './payment-methods/payment-method.entity.ts';
import { PaymentMethodRepository } from './payment-methods/payment-method.repository.ts';
import { PaymentMethodsController } from './payment-methods/payment-methods.controller.ts';
import { PaymentMethodsService } from './payment-methods/payment-methods.service.ts';
import { AttemptAlarms } from './payments/attempt-alarms.service.ts';
import { AttemptEntity } from './payments/attempt.entity.ts';
import { AttemptRepository } from './payments/attempt.repository.ts';
import { AttemptsService } from './payments/attempts.service.ts';
import { AuthorisationsService } from './payments/authorisations.service.ts';
import { CapturesService } from './payments/captures.service.ts';
import { ChangesService } from './payments/changes.service.ts';
import { CollectionsService } from './payments/collections.service.ts';
import { ExecuteAttemptsWorker } from './payments/execute-attempts.worker.ts';
import { ExpireAuthorisationsWorker } from './payments/expire-authorisations.worker.ts';
import { Facts } from './payments/facts.service.ts';
import { ImmediateCharges } from './payments/immediate-charges.ts';
import { PaymentEntity } from './payments/payment.entity.ts';
import { PaymentRepository } from './payments/payment.repository.ts';
import { PaymentViews } from './payments/payment-views.ts';
import { PaymentsController } from './payments/payments.controller.ts';
import { PaymentsService } from './payments/payments.service.ts';
import { ResolveUnknownWorker } from './payments/resolve-unknown.worker.ts';
import { SuspenseService } from './payments/suspense.service.ts';
import { problems } from './problems.ts';
import { providersOf } from './providers/configured.ts';
import { Providers } from './providers/providers.ts';
import { ReceiptEntity } from './receipts/receipt.entity.ts';
import { ReceiptRepository } from './receipts/receipt.repository.ts';
import { ReceiptsController } from './receipts/receipts.controller.ts';
import { ReceiptsService } from './receipts/receipts.service.ts';
import { ExecuteRefundsWorker } from './refunds/execute-refunds.worker.ts';
import { RefundBook } from './refunds/refund-book.ts';
import { RefundChecks } from './refunds/refund-checks.service.ts';
import { RefundRequests } from './refunds/refund-requests.service.ts';
import { RefundEntity } from './refunds/refund.entity.ts';
import { RefundRepository } from './refunds/refund.repository.ts';
import { RefundsController } from './refunds/refunds.controller.ts';
import { RefundsService } from './refunds/refunds.service.ts';
import { ReturnsService } from './returns/returns.service.ts';
import { SettlementsService } from './settlements/settlements.service.ts';
import { ReachDaysWorker } from './test-clock/reach-days.worker.ts';
import { TenantTime } from './test-clock/tenant-time.ts';
import { TestClockRepository } from './test-clock/test-clock.repository.ts';
import { TestClockService } from './test-clock/test-clock.service.ts';

const entities = [
  PaymentEntity,
  AttemptEntity,
  PaymentMethodEntity,
  FlagEntity,
  PaymentLinkEntity,
  ReceiptEntity,
  MediaEntity,
  RefundEntity,
  DisbursementEntity,
  DisputeEntity,
];

const controllers = [
  PaymentsController,
  PaymentMethodsController,
  FlagsController,
  DisputesController,
  NotificationsController,
  PaymentLinksController,
  PayPageController,
  MediaController,
  ReceiptsController,
  RefundsController,
  DisbursementsController,
  InvoicePaidConsumer,
  SubscriptionCreatedConsumer,
  SubscriptionDueConsumer,
  InstalmentDueConsumer,
  ReturnDetectedConsumer,
  DepositMatchedConsumer,
  TestClockAdvancedConsumer,
  DisbursementRequestedConsumer,
];

const providers: Provider[] = [
  { provide: Providers, inject: [PaymentsConfig], useFactory: providersOf },
  PaymentRepository,
  AttemptRepository,
  PaymentMethodRepository,
  TestClockRepository,
  TenantTime,
  Facts,
  PaymentLinkRepository,
  LinkFacts,
  PaymentLinksService,
  PeriodLinks,
  ExpireLinksWorker,
  LinkRefunds,
  SurplusService,
  GiveBackSurplusWorker,
  FormBodies,
  LinkAttempts,
  LinkCharges,
  PayPageService,
  {
    provide: LinkAddresses,
    inject: [PaymentsConfig],
    useFactory: ({ paymentLinkKeys, publicUrl }: PaymentsConfig) =>
      new LinkAddresses(paymentLinkKeys.reveal(), publicUrl),
  },
  PaymentsService,
  PaymentMethodsService,
  CollectionsService,
  CapturesService,
  AuthorisationsService,
  ChangesService,
  PaymentViews,
  MediaRepository,
  MediaService,
  { provide: MediaStore, useClass: MediaContentRepository },
  ReceiptRepository,
  ReceiptsService,
  AttemptsService,
  SuspenseService,
  AttemptAlarms,
  NotificationRepository,
  OutcomeNewsService,
  NotificationsService,
  NotificationDesk,
  ApplyNotificationsWorker,
  PurgeNotificationsWorker,
  ReturnsService,
  SettlementsService,
  DisputeRepository,
  DisputeConsequences,
  DisputesService,
  WarnDisputesWorker,
  MethodNewsService,
  ExpireMethodsWorker,
  FlagRepository,
  FlagsService,
  FlagResolutions,
  TestClockService,
  ImmediateCharges,
  ExecuteAttemptsWorker,
  ResolveUnknownWorker,
  ExpireAuthorisationsWorker,
  ReachDaysWorker,
  RefundRepository,
  DisbursementRepository,
  NewDisbursements,
  RefundBook,
  RefundRequests,
  RefundsService,
  RefundChecks,
  DisbursementsService,
  ExecuteRefundsWorker,
  MarkStaleWorker,
];

@Module({})
class PaymentsModule implements OnApplicationShutdown {
  constructor(private readonly providers: Providers) {}

  onApplicationShutdown(): Promise<void> {
    return this.providers.close();
  }
}

/** The whole service: the only list of what it is made of. */
export function paymentsModule(config: PaymentsConfig): DynamicModule {
  return {
    module: PaymentsModule,
    imports: [kitModule({ name: 'payments', config, entities: entities as never, problems })],
    controllers,
    providers,
  };
}
