import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { kitModule } from '@quittance/service-kit/kit.module';
import { BankStatementsController } from './bank/bank-statements.controller.ts';
import { DepositsController } from './bank/deposits.controller.ts';
import { bankProviders } from './bank/providers.ts';
import { BalancesController } from './balances/balances.controller.ts';
import type { ReconciliationConfig } from './config.ts';
import { secretKeyBytes } from './config.ts';
import { BillingConsumer } from './consumers/billing.consumer.ts';
import { PaymentConsumer } from './consumers/payment.consumer.ts';
import { earningProviders } from './earning/providers.ts';
import { ExceptionRepository } from './exceptions/exception.repository.ts';
import { ExceptionWriteOffsController } from './exceptions/exception-write-offs.controller.ts';
import { ExceptionsController } from './exceptions/exceptions.controller.ts';
import { exceptionProviders } from './exceptions/providers.ts';
import { ExportsController } from './exports/exports.controller.ts';
import { exportProviders } from './exports/providers.ts';
import { FilesController } from './files/files.controller.ts';
import { fileProviders } from './files/providers.ts';
import { formatReaders } from './files/readers.ts';
import { UploadsController } from './files/uploads.controller.ts';
import { InvariantsController } from './invariants/invariants.controller.ts';
import { invariantProviders } from './invariants/providers.ts';
import { JournalController } from './journal/journal.controller.ts';
import { journalProviders } from './journal/providers.ts';
import { MatchesController } from './matching/matches.controller.ts';
import { matchingProviders } from './matching/providers.ts';
import { ReconRunsController } from './matching/recon-runs.controller.ts';
import { ledgerProviders } from './ledger/providers.ts';
import { LedgerController } from './ledger/ledger.controller.ts';
import { PeriodsController } from './periods/periods.controller.ts';
import { problems } from './problems.ts';
import { LedgerSettingsController } from './settings/ledger-settings.controller.ts';
import { settingsProviders } from './settings/providers.ts';
import { ClaimsController } from './remittances/claims.controller.ts';
import { remittanceProviders } from './remittances/providers.ts';
import { RemittancesController } from './remittances/remittances.controller.ts';
import { ReturnsController } from './returns/returns.controller.ts';
import { settlementProviders } from './settlement/providers.ts';
import { SettlementsController } from './settlement/settlements.controller.ts';
import { TestClockConsumer } from './test-clock/test-clock.consumer.ts';
import { TestClockRepository } from './test-clock/test-clock.repository.ts';
import { TestClockService } from './test-clock/test-clock.service.ts';
import { trailProviders } from './trail/providers.ts';
import { TrailController } from './trail/trail.controller.ts';

@Module({})
class ReconciliationModule {}

/** The whole service: the only list of what it is made of. */
export function reconciliationModule(config: ReconciliationConfig): DynamicModule {
  return {
    module: ReconciliationModule,
    imports: [kitModule({ name: 'reconciliation', config, problems })],
    controllers: [
      ...[PaymentConsumer, BillingConsumer, TestClockConsumer],
      ...[JournalController, BalancesController, PeriodsController, LedgerController],
      ...[LedgerSettingsController, ExportsController, InvariantsController],
      ...[UploadsController, FilesController, BankStatementsController, DepositsController],
      ...[RemittancesController, ClaimsController],
      ...[SettlementsController, ReturnsController, TrailController],
      ...[MatchesController, ReconRunsController, ExceptionsController, ExceptionWriteOffsController],
    ],
    providers: [
      ...journalProviders,
      ...ledgerProviders,
      ...settingsProviders,
      ...earningProviders,
      ...exportProviders,
      ...invariantProviders,
      ...matchingProviders(config),
      ExceptionRepository,
      ...fileProviders(config, secretKeyBytes(config.secretsKey)),
      ...formatReaders,
      ...bankProviders,
      ...remittanceProviders,
      ...settlementProviders,
      ...trailProviders,
      ...exceptionProviders(config),
      ...[TestClockRepository, TestClockService],
    ],
  };
}
