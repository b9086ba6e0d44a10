import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { DelinquencyPlan } from '../domain/delinquency-plan.ts';
import type { DelinquencyRule } from '../domain/delinquency-rule.ts';
import type { FeeRule } from '../domain/fee.ts';
import { DelinquencySettingsRepository } from './delinquency-settings.repository.ts';
import type { SettingsPage } from './delinquency-settings.repository.ts';

/**
 * What a tenant decides about what is past due. Rows are added, never edited: a later one takes over from its date on.
 */
@Injectable()
export class DelinquencySettingsService {
  constructor(private readonly settings: DelinquencySettingsRepository) {}

  async addPlan(tx: Tx, tenantId: string, plan: Omit<DelinquencyPlan, 'id'>): Promise<DelinquencyPlan> {
    const added = { ...plan, tenantId, id: newId() };
    await this.settings.insertPlan(tx, added);
    return added;
  }

  async addRule(tx: Tx, tenantId: string, rule: Omit<DelinquencyRule, 'id' | 'isExample'>): Promise<DelinquencyRule> {
    const added = { ...rule, tenantId, id: newId() };
    await this.settings.insertRule(tx, added);
    return { ...added, isExample: false };
  }

  async addFeeRule(tx: Tx, tenantId: string, rule: Omit<FeeRule, 'id'>): Promise<FeeRule> {
    const added = { ...rule, tenantId, id: newId() };
    await this.settings.insertFeeRule(tx, added);
    return added;
  }

  plans(tx: Tx, tenantId: string, page: SettingsPage): Promise<DelinquencyPlan[]> {
    return this.settings.plans(tx, tenantId, page);
  }

  async rules(tx: Tx, tenantId: string, page: SettingsPage): Promise<DelinquencyRule[]> {
    const rows = await this.settings.rules(tx, tenantId, page);
    return rows.map((rule) => ({ ...rule, isExample: false }));
  }

  feeRules(tx: Tx, tenantId: string, page: SettingsPage): Promise<FeeRule[]> {
    return this.settings.feeRules(tx, tenantId, page);
  }
}
