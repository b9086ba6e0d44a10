import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { kitModule } from '@quittance/service-kit/kit.module';
import type { ReconciliationConfig } from './config.ts';
import { BillingConsumer } from './consumers/billing.consumer.ts';
import { PaymentConsumer } from './consumers/payment.consumer.ts';
import { EarnPremiumWorker } from './earning/earn-premium.worker.ts';
import { EarningService } from './earning/earning.service.ts';
import { PremiumRepository } from './earning/premium.repository.ts';
import { ExceptionRepository } from './exceptions/exception.repository.ts';
import { ExportsController } from './exports/exports.controller.ts';
import { ExportsService } from './exports/exports.service.ts';
import { GlExportRepository } from './exports/gl-export.repository.ts';
import { formatReaders } from './files/readers.ts';
import { CheckLedgerWorker } from './invariants/check-ledger.worker.ts';
import { InvariantRepository } from './invariants/invariant.repository.ts';
import { TrustRepository } from './invariants/trust.repository.ts';
import { JournalController } from './journal/journal.controller.ts';
import { JournalRepository } from './journal/journal.repository.ts';
import { JournalService } from './journal/journal.service.ts';
import { SharedInvoiceRepository } from './journal/shared-invoice.repository.ts';
import { TenantRulesService } from './journal/tenant-rules.service.ts';
import { ItemRepository } from './matching/item.repository.ts';
import { problems } from './problems.ts';
import { LedgerSettingsController } from './settings/ledger-settings.controller.ts';
import { LedgerSettingsRepository } from './settings/ledger-settings.repository.ts';
import { LedgerSettingsService } from './settings/ledger-settings.service.ts';
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
      ExportsController,
      LedgerSettingsController,
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
      InvariantRepository,
      TrustRepository,
      CheckLedgerWorker,
      SharedInvoiceRepository,
      LedgerSettingsRepository,
      LedgerSettingsService,
      TenantRulesService,
      PremiumRepository,
      EarningService,
      EarnPremiumWorker,
      GlExportRepository,
      ExportsService,
      TestClockRepository,
      TestClockService,
    ],
  };
}
