import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { LedgerSettings } from '../domain/rule-set.ts';
import { LedgerSettingsRepository } from './ledger-settings.repository.ts';

@Injectable()
export class LedgerSettingsService {
  constructor(
    private readonly settings: LedgerSettingsRepository,
    private readonly clock: Clock,
  ) {}

  async find(tx: Tx, tenantId: string): Promise<LedgerSettings> {
    return (await this.settings.of(tx, [tenantId]))(tenantId);
  }

  /** Counts for what is booked from now on; what is booked stays as it is. */
  async put(tx: Tx, tenantId: string, settings: LedgerSettings): Promise<LedgerSettings> {
    await this.settings.put(tx, tenantId, settings, this.clock.now());
    return settings;
  }
}
