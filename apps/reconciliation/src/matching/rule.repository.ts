import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ReconSet } from '../domain/item.ts';
import { defaultRules } from '../domain/match-rules.ts';
import type { MatchRule } from '../domain/match-rules.ts';
import type { RuleSet } from './recon-run.ts';

const CURRENT = `
  SELECT DISTINCT ON (set_name) set_name AS set, version, rules FROM recon_rules
   WHERE tenant_id = $1 AND ($2::text IS NULL OR set_name = $2) ORDER BY set_name, version DESC`;
const ADD = `
  INSERT INTO recon_rules (tenant_id, set_name, version, rules, created_by, created_at)
  SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5 FROM recon_rules WHERE tenant_id = $1 AND set_name = $2
  RETURNING version`;

/** Rules are never changed: others take their place, and each run says by which it went. */
@Injectable()
export class RuleRepository {
  async current(tx: Tx, tenantId: string, set: ReconSet): Promise<RuleSet> {
    const [row] = await tx.query<RuleSet>(CURRENT, [tenantId, set]);
    return row ?? { version: 0, rules: defaultRules[set] };
  }

  /** Those that a tenant has set itself. */
  async own(tx: Tx, tenantId: string): Promise<Map<ReconSet, RuleSet>> {
    const rows = await tx.query<RuleSet & { set: ReconSet }>(CURRENT, [tenantId, null]);
    return new Map(rows.map(({ set, ...rules }) => [set, rules]));
  }

  async add(tx: Tx, of: { tenantId: string; set: ReconSet; rules: readonly MatchRule[]; by: string; at: Date }) {
    const values = [of.tenantId, of.set, JSON.stringify(of.rules), of.by, of.at];
    const [row] = await tx.query<{ version: number }>(ADD, values);
    return { version: row!.version, rules: of.rules };
  }
}
