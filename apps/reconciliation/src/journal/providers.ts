import type { Provider } from '@nestjs/common';
import { JournalRepository } from './journal.repository.ts';
import { JournalService } from './journal.service.ts';
import { ManualEntriesService } from './manual-entries.service.ts';
import { SharedInvoiceRepository } from './shared-invoice.repository.ts';
import { TenantRulesService } from './tenant-rules.service.ts';

/** For the module: facts in, entries out. */
export const journalProviders: readonly Provider[] = [
  JournalRepository,
  JournalService,
  ManualEntriesService,
  SharedInvoiceRepository,
  TenantRulesService,
];
