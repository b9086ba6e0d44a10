import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { BillingSettings } from '../domain/billing-settings.ts';
import { BillingSettingsRepository } from './billing-settings.repository.ts';

@Injectable()
export class BillingSettingsService {
  constructor(
    private readonly settings: BillingSettingsRepository,
    private readonly clock: Clock,
  ) {}

  async find(tx: Tx, tenantId: string): Promise<BillingSettings> {
    return (await this.settings.of(tx, [tenantId]))(tenantId);
  }

  /** Counts from the next payment on: what was applied before stays as it is. */
  async put(tx: Tx, tenantId: string, settings: BillingSettings): Promise<BillingSettings> {
    await this.settings.put(tx, tenantId, settings, this.clock.now());
    return settings;
  }
}
