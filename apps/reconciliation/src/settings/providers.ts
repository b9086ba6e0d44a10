import type { Provider } from '@nestjs/common';
import { LedgerSettingsRepository } from './ledger-settings.repository.ts';
import { LedgerSettingsService } from './ledger-settings.service.ts';

/** For the module: by which rules a tenant's facts are booked. */
export const settingsProviders: readonly Provider[] = [LedgerSettingsRepository, LedgerSettingsService];
