import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { In, LessThan } from 'typeorm';
import type { DelinquencyPlan } from '../domain/delinquency-plan.ts';
import type { DelinquencyRule } from '../domain/delinquency-rule.ts';
import type { FeeRule } from '../domain/fee.ts';
import { DelinquencyPlanEntity } from './delinquency-plan.entity.ts';
import type { StoredDelinquencyPlan } from './delinquency-plan.entity.ts';
import { DelinquencyRuleEntity } from './delinquency-rule.entity.ts';
import type { StoredDelinquencyRule } from './delinquency-rule.entity.ts';
import { FeeRuleEntity } from './fee-rule.entity.ts';
import type { StoredFeeRule } from './fee-rule.entity.ts';

/** Everything that a tenant has decided about what is past due. */
export interface DelinquencySettings {
  readonly plans: readonly DelinquencyPlan[];
  readonly rules: readonly DelinquencyRule[];
  readonly feeRules: readonly FeeRule[];
}

export interface SettingsPage {
  readonly before: string | null;
  readonly limit: number;
}

const none: DelinquencySettings = { plans: [], rules: [], feeRules: [] };

@Injectable()
export class DelinquencySettingsRepository {
  async insertPlan(tx: Tx, plan: StoredDelinquencyPlan): Promise<void> {
    await tx.manager.insert(DelinquencyPlanEntity, plan);
  }

  async insertRule(tx: Tx, rule: StoredDelinquencyRule): Promise<void> {
    await tx.manager.insert(DelinquencyRuleEntity, rule);
  }

  async insertFeeRule(tx: Tx, rule: StoredFeeRule): Promise<void> {
    await tx.manager.insert(FeeRuleEntity, rule);
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  plans(tx: Tx, tenantId: string, page: SettingsPage): Promise<StoredDelinquencyPlan[]> {
    return tx.manager.find(DelinquencyPlanEntity, pageOf(tenantId, page));
  }

  rules(tx: Tx, tenantId: string, page: SettingsPage): Promise<StoredDelinquencyRule[]> {
    return tx.manager.find(DelinquencyRuleEntity, pageOf(tenantId, page));
  }

  feeRules(tx: Tx, tenantId: string, page: SettingsPage): Promise<StoredFeeRule[]> {
    return tx.manager.find(FeeRuleEntity, pageOf(tenantId, page));
  }

  /** By tenant, in the order in which rows were made: of equals the last one counts. */
  async of(tx: Tx, tenantIds: readonly string[]): Promise<(tenantId: string) => DelinquencySettings> {
    const order = { order: { id: 'ASC' } } as const;
    const where = { tenantId: In([...new Set(tenantIds)]) };
    const [plans, rules, feeRules] = await Promise.all([
      tx.manager.find(DelinquencyPlanEntity, { where, ...order }),
      tx.manager.find(DelinquencyRuleEntity, { where, ...order }),
      tx.manager.find(FeeRuleEntity, { where, ...order }),
    ]);
    const settings = new Map<string, DelinquencySettings>();
    for (const tenantId of new Set(tenantIds)) {
      const own = <T extends { tenantId: string }>(rows: readonly T[]) =>
        rows.filter((row) => row.tenantId === tenantId);
      settings.set(tenantId, {
        plans: own(plans),
        rules: own(rules).map((rule) => ({ ...rule, isExample: false })),
        feeRules: own(feeRules),
      });
    }
    return (tenantId) => settings.get(tenantId) ?? none;
  }
}

function pageOf(tenantId: string, { before, limit }: SettingsPage) {
  return {
    where: { tenantId, ...(before === null ? {} : { id: LessThan(before) }) },
    order: { id: 'DESC' },
    take: limit + 1,
  } as const;
}
