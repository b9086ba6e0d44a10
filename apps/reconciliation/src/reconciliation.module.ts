import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { kitModule } from '@quittance/service-kit/kit.module';
import { bankProviders } from './bank/providers.ts';
import { BankStatementsController } from './bank/bank-statements.controller.ts';
import { DepositsController } from './bank/deposits.controller.ts';
import type { ReconciliationConfig } from './config.ts';
import { secretKeyBytes } from './config.ts';
import { BillingConsumer } from './consumers/billing.consumer.ts';
import { PaymentConsumer } from './consumers/payment.consumer.ts';
import { ExceptionRepository } from './exceptions/exception.repository.ts';
import { exceptionProviders } from './exceptions/providers.ts';
import { ExceptionsController } from './exceptions/exceptions.controller.ts';
import { ExceptionWriteOffsController } from './exceptions/exception-write-offs.controller.ts';
import { FilesController } from './files/files.controller.ts';
import { fileProviders } from './files/providers.ts';
import { formatReaders } from './files/readers.ts';
import { UploadsController } from './files/uploads.controller.ts';
import { CheckLedgerWorker } from './invariants/check-ledger.worker.ts';
import { InvariantsController } from './invariants/invariants.controller.ts';
import { InvariantRepository } from './invariants/invariant.repository.ts';
import { InvariantsService } from './invariants/invariants.service.ts';
import { JournalController } from './journal/journal.controller.ts';
import { JournalRepository } from './journal/journal.repository.ts';
import { JournalService } from './journal/journal.service.ts';
import { ItemRepository } from './matching/item.repository.ts';
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
      ...[JournalController, PaymentConsumer, BillingConsumer, TestClockConsumer],
      ...[UploadsController, FilesController, ExceptionsController, ExceptionWriteOffsController, InvariantsController],
      ...[BankStatementsController, DepositsController],
    ],
    providers: [
      JournalRepository,
      ExceptionRepository,
      ItemRepository,
      ...bankProviders,
      ...formatReaders,
      ...fileProviders(config, secretKeyBytes(config.secretsKey)),
      ...exceptionProviders(config),
      JournalService,
      InvariantRepository,
      InvariantsService,
      CheckLedgerWorker,
      TestClockRepository,
      TestClockService,
    ],
  };
}
