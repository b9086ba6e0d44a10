import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { RaisedFlag } from '../domain/flag.ts';
import { rowMap } from '../rows.ts';
import { FlagEntity } from './flag.entity.ts';

type FlagKey = Pick<RaisedFlag, 'tenantId' | 'id'>;

export interface FlagPage {
  readonly tenantId: string;
  readonly isOpen: boolean | undefined;
  readonly paymentId: string | undefined;
  readonly beforeId: string | null;
  readonly limit: number;
}

const rows = rowMap(FlagEntity);
const insertSql = `INSERT INTO payment_flags (${rows.columns()}) VALUES (${rows.placeholders})`;
const isOpenSql = `
  SELECT 1 FROM payment_flags WHERE tenant_id = $1 AND payment_id = $2 AND reason = $3 AND resolved_at IS NULL`;
const lockSql = `SELECT ${rows.columns()} FROM payment_flags WHERE tenant_id = $1 AND id = $2 FOR UPDATE`;
const resolveSql = `
  UPDATE payment_flags SET resolved_at = $3, resolution = $4, resolved_by = $5 WHERE tenant_id = $1 AND id = $2`;

@Injectable()
export class FlagRepository {
  async insert(tx: Tx, flag: RaisedFlag): Promise<void> {
    await tx.execute(insertSql, rows.values(flag));
  }

  async isOpen(
    tx: Tx,
    { tenantId, paymentId, reason }: Pick<RaisedFlag, 'tenantId' | 'paymentId' | 'reason'>,
  ): Promise<boolean> {
    return (await tx.query(isOpenSql, [tenantId, paymentId, reason])).length > 0;
  }

  find(tx: Tx, { tenantId, id }: FlagKey): Promise<RaisedFlag | null> {
    return tx.manager.findOneBy(FlagEntity, { tenantId, id });
  }

  async lock(tx: Tx, { tenantId, id }: FlagKey): Promise<RaisedFlag | null> {
    const [row] = await tx.query<object>(lockSql, [tenantId, id]);
    return row ? rows.fromRow(row) : null;
  }

  async resolve(tx: Tx, { tenantId, id, resolvedAt, resolution, resolvedBy }: RaisedFlag): Promise<void> {
    await tx.execute(resolveSql, [tenantId, id, resolvedAt, resolution, resolvedBy]);
  }

  /** Newest first, below `beforeId`. */
  async page(tx: Tx, { tenantId, isOpen, paymentId, beforeId, limit }: FlagPage): Promise<RaisedFlag[]> {
    const values: unknown[] = [tenantId, limit];
    const where = ['tenant_id = $1'];
    if (isOpen !== undefined) where.push(`resolved_at IS ${isOpen ? 'NULL' : 'NOT NULL'}`);
    if (paymentId !== undefined) where.push(`payment_id = $${values.push(paymentId)}`);
    if (beforeId !== null) where.push(`id < $${values.push(beforeId)}`);
    const sql = `SELECT ${rows.columns()} FROM payment_flags WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT $2`;
    const found = await tx.query<object>(sql, values);
    return found.map((row) => rows.fromRow(row));
  }
}
