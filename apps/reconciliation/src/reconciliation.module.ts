import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { kitModule } from '@quittance/service-kit/kit.module';
import { BalanceRepository } from './balances/balance.repository.ts';
import { BalancesController } from './balances/balances.controller.ts';
import { BalancesService } from './balances/balances.service.ts';
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
import { ManualEntriesService } from './journal/manual-entries.service.ts';
import { BatchRepository } from './ledger/batch.repository.ts';
import { ChainVerifier } from './ledger/chain-verifier.ts';
import { FollowLedgerWorker } from './ledger/follow-ledger.worker.ts';
import { LedgerController } from './ledger/ledger.controller.ts';
import { LedgerService } from './ledger/ledger.service.ts';
import { ItemRepository } from './matching/item.repository.ts';
import { PeriodRepository } from './periods/period.repository.ts';
import { PeriodsController } from './periods/periods.controller.ts';
import { PeriodsService } from './periods/periods.service.ts';
import { problems } from './problems.ts';
import { TestClockConsumer } from './test-clock/test-clock.consumer.ts';
import { TestClockRepository } from './test-clock/test-clock.repository.ts';
import { TestClockService } from './test-clock/test-clock.service.ts';

@Module({})
class ReconciliationModule {}

/** The whole service: the only list of what it is made of. */
export function reconciliationModule(config: ReconciliationConfig): DynamicModule {
  return {
    module: ReconciliationModule,
    imports: [kitModule({ name: 'reconciliation', config, problems })],
    controllers: [
      JournalController,
      BalancesController,
      PeriodsController,
      LedgerController,
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
      ManualEntriesService,
      BalanceRepository,
      BalancesService,
      PeriodRepository,
      PeriodsService,
      BatchRepository,
      ChainVerifier,
      LedgerService,
      FollowLedgerWorker,
      InvariantRepository,
      CheckLedgerWorker,
      TestClockRepository,
      TestClockService,
    ],
  };
}
