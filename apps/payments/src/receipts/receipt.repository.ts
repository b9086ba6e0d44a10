import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Receipt } from '../domain/receipt.ts';
import { rowMap } from '../rows.ts';
import { ReceiptEntity } from './receipt.entity.ts';

const rows = rowMap(ReceiptEntity);
const insertOneSql = `INSERT INTO receipts (${rows.columns()}) VALUES (${rows.placeholders})`;
const insertSql = `
  INSERT INTO receipts (${rows.columns()})
  SELECT ${rows.columns('r.')} FROM jsonb_populate_recordset(NULL::receipts, $1::jsonb) r`;
const pageSql = `
  SELECT ${rows.columns()} FROM receipts
   WHERE tenant_id = $1 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $2`;
const ofPaymentSql = `SELECT ${rows.columns()} FROM receipts WHERE tenant_id = $1 AND payment_id = $2`;

@Injectable()
export class ReceiptRepository {
  async insert(tx: Tx, receipts: readonly Receipt[]): Promise<void> {
    const [receipt, another] = receipts;
    if (!receipt) return;
    if (another) await tx.execute(insertSql, [rows.toJson(receipts)]);
    else await tx.execute(insertOneSql, rows.values(receipt));
  }

  find(tx: Tx, { tenantId, id }: { tenantId: string; id: string }): Promise<Receipt | null> {
    return tx.manager.findOneBy(ReceiptEntity, { tenantId, id });
  }

  async findOfPayment(tx: Tx, tenantId: string, paymentId: string): Promise<Receipt[]> {
    return (await tx.query<object>(ofPaymentSql, [tenantId, paymentId])).map((row) => rows.fromRow(row));
  }

  /** Newest first, below `beforeId`. */
  async page(tx: Tx, page: { tenantId: string; beforeId: string | null; limit: number }): Promise<Receipt[]> {
    const found = await tx.query<object>(pageSql, [page.tenantId, page.limit, page.beforeId]);
    return found.map((row) => rows.fromRow(row));
  }
}
