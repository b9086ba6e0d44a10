import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PlanConfig } from './plan-config.ts';

export interface PlanName {
  readonly tenantId: string;
  readonly name: string;
}

export interface StoredPlan extends PlanName {
  readonly version: number;
  readonly config: PlanConfig;
  readonly createdAt: Date;
}

// Two at once are two versions, one after the other, and cannot both be the last plan that there may be.
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'plans', $1::uuid), 0))`;

const NAMES = `SELECT DISTINCT name FROM plans WHERE tenant_id = $1`;

const INSERT = `
  INSERT INTO plans (tenant_id, name, version, config, created_at)
  SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4 FROM plans WHERE tenant_id = $1 AND name = $2
  RETURNING tenant_id AS "tenantId", name, version, config, created_at AS "createdAt"`;

const COLUMNS = `p.tenant_id AS "tenantId", p.name, p.version, p.config, p.created_at AS "createdAt"`;

const NEWEST = `
  SELECT DISTINCT ON (p.name) ${COLUMNS} FROM plans p WHERE p.tenant_id = $1 ORDER BY p.name, p.version DESC`;

const NAMED = `
  SELECT ${COLUMNS} FROM unnest($1::uuid[], $2::text[]) AS wanted (tenant_id, name)
   CROSS JOIN LATERAL (
    SELECT * FROM plans p WHERE p.tenant_id = wanted.tenant_id AND p.name = wanted.name
     ORDER BY p.version DESC LIMIT 1) p`;

const VERSION = `SELECT ${COLUMNS} FROM plans p WHERE p.tenant_id = $1 AND p.name = $2 AND p.version = $3`;

@Injectable()
export class PlanRepository {
  /** The names that the tenant has, which nobody else adds to until the transaction ends. */
  async lockNames(tx: Tx, tenantId: string): Promise<Set<string>> {
    await tx.query(LOCK, [tenantId]);
    const rows = await tx.query<{ name: string }>(NAMES, [tenantId]);
    return new Set(rows.map(({ name }) => name));
  }

  /** The next version. The caller holds the lock of the names. */
  async insert(tx: Tx, { tenantId, name, config, createdAt }: Omit<StoredPlan, 'version'>): Promise<StoredPlan> {
    const [stored] = await tx.query<StoredPlan>(INSERT, [tenantId, name, JSON.stringify(config), createdAt]);
    return stored!;
  }

  /** The newest version of each. */
  newest(tx: Tx, tenantId: string): Promise<StoredPlan[]> {
    return tx.query<StoredPlan>(NEWEST, [tenantId]);
  }

  /** The newest version of each that is there. */
  async named(tx: Tx, wanted: readonly PlanName[]): Promise<StoredPlan[]> {
    if (wanted.length === 0) return [];
    return tx.query<StoredPlan>(NAMED, [wanted.map(({ tenantId }) => tenantId), wanted.map(({ name }) => name)]);
  }

  async version(tx: Tx, { tenantId, name }: PlanName, version: number): Promise<StoredPlan | null> {
    const [row] = await tx.query<StoredPlan>(VERSION, [tenantId, name, version]);
    return row ?? null;
  }
}
