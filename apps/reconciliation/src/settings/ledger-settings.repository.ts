import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { defaultLedgerSettings } from '../domain/rule-set.ts';
import type { LedgerSettings } from '../domain/rule-set.ts';

const FIND = `
  SELECT tenant_id AS "tenantId", rule_set AS "ruleSet", commission_ppm AS "commissionPpm", earning
    FROM ledger_settings WHERE tenant_id = ANY($1::uuid[])`;
const PUT = `
  INSERT INTO ledger_settings (tenant_id, rule_set, commission_ppm, earning, updated_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (tenant_id) DO UPDATE SET rule_set = excluded.rule_set, commission_ppm = excluded.commission_ppm,
    earning = excluded.earning, updated_at = excluded.updated_at`;

/** What each tenant has decided, or the defaults. */
export type SettingsOf = (tenantId: string) => LedgerSettings;

@Injectable()
export class LedgerSettingsRepository {
  async of(tx: Tx, tenantIds: readonly string[]): Promise<SettingsOf> {
    const rows = await tx.query<LedgerSettings & { tenantId: string }>(FIND, [tenantIds]);
    const settings = new Map(rows.map(({ tenantId, ...row }) => [tenantId, row]));
    return (tenantId) => settings.get(tenantId) ?? defaultLedgerSettings;
  }

  async put(tx: Tx, tenantId: string, { ruleSet, commissionPpm, earning }: LedgerSettings, at: Date): Promise<void> {
    await tx.execute(PUT, [tenantId, ruleSet, commissionPpm, earning, at]);
  }
}
