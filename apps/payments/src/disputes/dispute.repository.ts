import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Dispute, DisputeState } from '../domain/dispute.ts';
import { rowMap } from '../rows.ts';
import { DisputeEntity } from './dispute.entity.ts';

export type DisputeKey = Pick<Dispute, 'tenantId' | 'id'>;

export interface DisputePage {
  readonly tenantId: string;
  readonly state: DisputeState | undefined;
  readonly paymentId: string | undefined;
  readonly beforeId: string | null;
  readonly limit: number;
}

const rows = rowMap(DisputeEntity);
const mutable = [
  ...['version', 'stage', 'state', 'amount_minor', 'fee_minor', 'reason_code', 'evidence_due_at'],
  ...['double_recovery_minor', 'effective_on', 'heard_at', 'updated_at', 'finished_at'],
];
const insertSql = `INSERT INTO disputes (${rows.columns()}) VALUES (${rows.placeholders})`;
const updateSql = `
  UPDATE disputes d SET ${mutable.map((column) => `${column} = r.${column}`).join(', ')}
    FROM jsonb_populate_recordset(NULL::disputes, $1::jsonb) r WHERE d.tenant_id = r.tenant_id AND d.id = r.id`;
const lockSql = `SELECT ${rows.columns()} FROM disputes WHERE tenant_id = $1 AND id = $2 FOR UPDATE`;
const lockOfRefSql = `
  SELECT ${rows.columns()} FROM disputes WHERE tenant_id = $1 AND provider = $2 AND provider_ref = $3 FOR UPDATE`;
const warnSql = `
  UPDATE disputes SET warned_at = $1 WHERE state = 'opened' AND warned_at IS NULL AND evidence_due_at <= $2
  RETURNING ${rows.columns()}`;

@Injectable()
export class DisputeRepository {
  async insert(tx: Tx, dispute: Dispute): Promise<void> {
    await tx.execute(insertSql, rows.values(dispute));
  }

  /** For a dispute that this transaction holds locked. */
  async update(tx: Tx, dispute: Dispute): Promise<void> {
    await tx.execute(updateSql, [rows.toJson([dispute])]);
  }

  find(tx: Tx, { tenantId, id }: DisputeKey): Promise<Dispute | null> {
    return tx.manager.findOneBy(DisputeEntity, { tenantId, id });
  }

  async lock(tx: Tx, { tenantId, id }: DisputeKey): Promise<Dispute | null> {
    const [row] = await tx.query<object>(lockSql, [tenantId, id]);
    return row ? rows.fromRow(row) : null;
  }

  async lockOfRef(
    tx: Tx,
    { tenantId, provider, providerRef }: Pick<Dispute, 'tenantId' | 'provider' | 'providerRef'>,
  ): Promise<Dispute | null> {
    const [row] = await tx.query<object>(lockOfRefSql, [tenantId, provider, providerRef]);
    return row ? rows.fromRow(row) : null;
  }

  /** Those whose evidence is due before `dueBefore` and of which nobody was warned, which they now are. */
  async takeToWarn(tx: Tx, now: Date, dueBefore: Date): Promise<Dispute[]> {
    const found = await tx.query<object>(warnSql, [now, dueBefore]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Newest first, below `beforeId`. */
  async page(tx: Tx, { tenantId, state, paymentId, beforeId, limit }: DisputePage): Promise<Dispute[]> {
    const values: unknown[] = [tenantId, limit];
    const where = ['tenant_id = $1'];
    if (state !== undefined) where.push(`state = $${values.push(state)}`);
    if (paymentId !== undefined) where.push(`payment_id = $${values.push(paymentId)}`);
    if (beforeId !== null) where.push(`id < $${values.push(beforeId)}`);
    const sql = `SELECT ${rows.columns()} FROM disputes WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT $2`;
    const found = await tx.query<object>(sql, values);
    return found.map((row) => rows.fromRow(row));
  }
}
