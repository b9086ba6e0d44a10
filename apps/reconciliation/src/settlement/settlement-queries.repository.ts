import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { BatchFilter, BatchView, LineView } from './batch-view.ts';

export const BATCH_COLUMNS = `b.id, b.processor, b.payout_ref, b.kind, b.state, b.currency, b.items, b.gross_minor,
  b.fees_minor, b.refunds_minor, b.disputes_minor, b.other_minor, b.net_minor, b.off_by_minor, b.arrival_on, b.file_id,
  b.created_at, EXISTS (SELECT 1 FROM items i
     WHERE i.tenant_id = b.tenant_id AND i.set_name = 'settlement_batch_deposit' AND i.side = 'A'
       AND i.source_type = 'settlement_batch' AND i.source_id = b.id::text AND i.state = 'matched') AS is_in_bank`;
export const LINE_COLUMNS = `l.id, l.processor_txn, l.category, l.reported_category, l.currency, l.gross_minor,
  l.fee_minor, l.net_minor, l.reference, l.payment_locator, l.dated_on`;

// A text for each set of filters, so that each is planned for its own index.
const page = (conditions: readonly string[]) => `
  SELECT ${BATCH_COLUMNS} FROM settlement_batches b
   WHERE ($1::uuid IS NULL OR b.id < $1) ${conditions.map((condition) => `AND ${condition}`).join(' ')}
   ORDER BY b.id DESC LIMIT $2`;
const GET = `SELECT ${BATCH_COLUMNS} FROM settlement_batches b WHERE b.id = $1`;
const LINES = `
  SELECT ${LINE_COLUMNS} FROM settlement_items l
   WHERE l.batch_id = $1 AND ($2::uuid IS NULL OR l.id > $2) ORDER BY l.id LIMIT $3`;

/** What the outside may see of payouts: of the transaction's tenant. */
@Injectable()
export class SettlementQueries {
  /** Newest first, one more than the page holds. */
  async page(tx: Tx, { state, payoutReference, before, limit }: BatchFilter): Promise<BatchView[]> {
    const values: unknown[] = [before, limit + 1];
    const conditions: string[] = [];
    if (state !== undefined) conditions.push(`b.state = $${values.push(state)}`);
    if (payoutReference !== undefined) conditions.push(`b.payout_ref = $${values.push(payoutReference)}`);
    return (await tx.query<BatchRow>(page(conditions), values)).map(batchOf);
  }

  async find(tx: Tx, id: string): Promise<BatchView | null> {
    const [row] = await tx.query<BatchRow>(GET, [id]);
    return row ? batchOf(row) : null;
  }

  /** In the order of the report, one more than the page holds. */
  async lines(tx: Tx, { batchId, after, limit }: { batchId: string; after: string | null; limit: number }) {
    return (await tx.query<LineRow>(LINES, [batchId, after, limit + 1])).map(lineOf);
  }
}

export interface BatchRow {
  id: string;
  processor: string;
  payout_ref: string;
  kind: BatchView['kind'];
  state: BatchView['state'];
  currency: string;
  items: number;
  gross_minor: string;
  fees_minor: string;
  refunds_minor: string;
  disputes_minor: string;
  other_minor: string;
  net_minor: string;
  off_by_minor: string;
  arrival_on: string;
  file_id: string;
  created_at: Date;
  is_in_bank: boolean;
}

export interface LineRow {
  id: string;
  processor_txn: string;
  category: string;
  reported_category: string;
  currency: string;
  gross_minor: string;
  fee_minor: string;
  net_minor: string;
  reference: string | null;
  payment_locator: string | null;
  dated_on: string;
}

export function batchOf(row: BatchRow): BatchView {
  return {
    ...{ id: row.id, processor: row.processor, payoutRef: row.payout_ref, kind: row.kind, state: row.state },
    ...{ currency: row.currency, items: row.items, gross: BigInt(row.gross_minor), fees: BigInt(row.fees_minor) },
    ...{ refunds: BigInt(row.refunds_minor), disputes: BigInt(row.disputes_minor), other: BigInt(row.other_minor) },
    ...{ net: BigInt(row.net_minor), offBy: BigInt(row.off_by_minor), arrivalOn: row.arrival_on, fileId: row.file_id },
    ...{ isInBank: row.is_in_bank, createdAt: row.created_at },
  };
}

export function lineOf(row: LineRow): LineView {
  return {
    ...{ id: row.id, processorTxn: row.processor_txn, category: row.category, currency: row.currency },
    ...{ reportedCategory: row.reported_category, reference: row.reference, paymentLocator: row.payment_locator },
    ...{ gross: BigInt(row.gross_minor), fee: BigInt(row.fee_minor), net: BigInt(row.net_minor) },
    datedOn: row.dated_on,
  };
}
