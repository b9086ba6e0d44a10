import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { kitModule } from '@quittance/service-kit/kit.module';
import type { ReconciliationConfig } from './config.ts';
import { BillingConsumer } from './consumers/billing.consumer.ts';
import { PaymentConsumer } from './consumers/payment.consumer.ts';
import { ExceptionRepository } from './exceptions/exception.repository.ts';
import { formatReaders } from './files/readers.ts';
import { CheckLedgerWorker } from './invariants/check-ledger.worker.ts';
import { InvariantRepository } from './invariants/invariant.repository.ts';
import { JournalController } from './journal/journal.controller.ts';
import { JournalRepository } from './journal/journal.repository.ts';
import { JournalService } from './journal/journal.service.ts';
import { ItemRepository } from './matching/item.repository.ts';
import { problems } from './problems.ts';
import { PaymentProjectionRepository } from './projections/payment-projection.repository.ts';
import { PaymentProjectionsService } from './projections/payment-projections.service.ts';
import { ReturnRepository } from './returns/return.repository.ts';
import { ReturnsController } from './returns/returns.controller.ts';
import { ReturnsService } from './returns/returns.service.ts';
import { BookSettlementsWorker } from './settlement/book-settlements.worker.ts';
import { OverdueRepository } from './settlement/overdue.repository.ts';
import { ReportIntake } from './settlement/processor-report.reader.ts';
import { SettlementBookingRepository } from './settlement/settlement-booking.repository.ts';
import { SettlementBookings } from './settlement/settlement-bookings.service.ts';
import { SettlementQueries } from './settlement/settlement-queries.repository.ts';
import { SettlementRepository } from './settlement/settlement.repository.ts';
import { SettlementsController } from './settlement/settlements.controller.ts';
import { SettlementsService } from './settlement/settlements.service.ts';
import { TellOverdueWorker } from './settlement/tell-overdue.worker.ts';
import { TestClockConsumer } from './test-clock/test-clock.consumer.ts';
import { TestClockRepository } from './test-clock/test-clock.repository.ts';
import { TestClockService } from './test-clock/test-clock.service.ts';
import { TrailController } from './trail/trail.controller.ts';
import { TrailRepository } from './trail/trail.repository.ts';
import { TrailService } from './trail/trail.service.ts';

@Module({})
class ReconciliationModule {}

/** The whole service: the only list of what it is made of. */
export function reconciliationModule(config: ReconciliationConfig): DynamicModule {
  return {
    module: ReconciliationModule,
    imports: [kitModule({ name: 'reconciliation', config, problems })],
    controllers: [
      JournalController,
      SettlementsController,
      ReturnsController,
      TrailController,
      PaymentConsumer,
      BillingConsumer,
      TestClockConsumer,
    ],
    providers: [
      JournalRepository,
      ExceptionRepository,
      ItemRepository,
      ...formatReaders,
      JournalService,
      PaymentProjectionRepository,
      PaymentProjectionsService,
      ReturnRepository,
      ReturnsService,
      SettlementRepository,
      SettlementQueries,
      SettlementsService,
      SettlementBookingRepository,
      SettlementBookings,
      BookSettlementsWorker,
      ReportIntake,
      OverdueRepository,
      TellOverdueWorker,
      TrailRepository,
      TrailService,
      InvariantRepository,
      CheckLedgerWorker,
      TestClockRepository,
      TestClockService,
    ],
  };
}
