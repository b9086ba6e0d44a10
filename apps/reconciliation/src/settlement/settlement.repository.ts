import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { inBankBy } from '../domain/business-days.ts';
import type { ReportedPayout } from '../domain/payout-lines.ts';
import type { CategorySum, PayoutTotals, ReportLine, SettlementCategory } from '../domain/payout.ts';

/** What is being stored: whose, of which processor, from which file. */
export interface ReportContext {
  readonly tenantId: string;
  readonly processor: string;
  readonly fileId: string;
  readonly now: Date;
}

export interface Batch {
  readonly id: string;
  readonly payoutRef: string;
  readonly kind: 'automatic' | 'manual';
  readonly currency: string;
  readonly declared: bigint | null;
  readonly arrivalOn: string;
  readonly isBalanced: boolean;
  readonly version: number;
}

/** A line that is new, with the payment that it is about, where one is known. */
export interface StoredItem {
  readonly id: string;
  readonly processorTxn: string;
  readonly paymentLocator: string | null;
}

/** Enough to travel in one message, few enough statements for a report of a million lines. */
const PORTION = 10_000;

// A later report may complete an earlier one; the row is locked either way until its totals are written.
const UPSERT_BATCHES = `
  INSERT INTO settlement_batches
    (tenant_id, id, processor, payout_ref, kind, currency, declared_minor, arrival_on, in_bank_by, file_id, created_at)
  SELECT $1, p.id, $2, p.ref, p.kind, p.currency, p.declared, p.arrival, p.in_bank_by, $3, $4
    FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::date[], $11::date[])
         p (id, ref, kind, currency, declared, arrival, in_bank_by)
   ORDER BY p.ref, p.currency
  ON CONFLICT (tenant_id, processor, payout_ref, currency) DO UPDATE
    SET declared_minor = coalesce(excluded.declared_minor, settlement_batches.declared_minor),
        kind = least(excluded.kind, settlement_batches.kind)
  RETURNING id, payout_ref, kind, currency, declared_minor, arrival_on, state, version`;
// What was on the balance until now belongs to a payout as soon as a report says to which.
const INSERT_ITEMS = `
  INSERT INTO settlement_items
    (tenant_id, id, batch_id, processor, processor_txn, category, reported_category, currency, gross_minor, fee_minor,
     net_minor, reference, second_reference, dated_on, payment_locator)
  SELECT $1, i.id, i.batch_id, $2, i.txn, i.category, i.reported, i.currency, i.gross, i.fee, i.net, i.ref, i.ref2,
         i.dated_on, coalesce(r.payment_locator, r2.payment_locator)
    FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[],
                $11::bigint[], $12::text[], $13::text[], $14::date[])
         i (id, batch_id, txn, category, reported, currency, gross, fee, net, ref, ref2, dated_on)
    LEFT JOIN payment_references r ON r.tenant_id = $1 AND r.reference = i.ref
    LEFT JOIN payment_references r2 ON r2.tenant_id = $1 AND r2.reference = i.ref2
  ON CONFLICT (tenant_id, processor, processor_txn) DO UPDATE SET batch_id = excluded.batch_id
    WHERE settlement_items.batch_id IS NULL AND excluded.batch_id IS NOT NULL
  RETURNING id, processor_txn, payment_locator`;
const CLAIM_LOOSE = `
  UPDATE settlement_items SET batch_id = $3
   WHERE tenant_id = $1 AND processor = $2 AND currency = $4 AND batch_id IS NULL AND dated_on <= $5`;
const OPENING = `
  SELECT coalesce(sum(gross_minor - fees_minor - refunds_minor - disputes_minor + other_minor - net_minor), 0)::text
           AS opening
    FROM settlement_batches
   WHERE tenant_id = $1 AND processor = $2 AND currency = $3 AND kind = 'manual'
     AND (arrival_on, id) < ($4::date, $5::uuid)`;
const SUMS = `
  SELECT i.batch_id, i.category, coalesce(p.method = 'ach', false) AS is_ach, count(*)::int AS items,
         sum(i.gross_minor)::text AS gross, sum(i.fee_minor)::text AS fee, sum(i.net_minor)::text AS net
    FROM settlement_items i
    LEFT JOIN payment_projections p ON p.tenant_id = i.tenant_id AND p.locator = i.payment_locator
   WHERE i.tenant_id = $1 AND i.batch_id = ANY($2::uuid[]) GROUP BY 1, 2, 3`;
const WRITE_TOTALS = `
  UPDATE settlement_batches SET items = $3, gross_minor = $4, fees_minor = $5, refunds_minor = $6, disputes_minor = $7,
         other_minor = $8, net_minor = $9, off_by_minor = $10, state = $11, version = $12
   WHERE tenant_id = $1 AND id = $2`;
const SETTLE = `
  UPDATE payment_projections p SET settled_at = $3
    FROM settlement_items i JOIN settlement_batches b ON b.tenant_id = i.tenant_id AND b.id = i.batch_id
   WHERE i.tenant_id = $1 AND i.batch_id = ANY($2::uuid[]) AND i.category = 'charge' AND b.state = 'balanced'
     AND p.tenant_id = i.tenant_id AND p.locator = i.payment_locator AND p.settled_at IS NULL
  RETURNING p.locator`;

@Injectable()
export class SettlementRepository {
  async upsertBatches(tx: Tx, of: ReportContext, payouts: readonly ReportedPayout[]): Promise<Batch[]> {
    if (payouts.length === 0) return [];
    const today = of.now.toISOString().slice(0, 10);
    const arrivals = payouts.map(({ arrivesOn }) => arrivesOn ?? today);
    const rows = await tx.query<BatchRow>(UPSERT_BATCHES, [
      ...[of.tenantId, of.processor, of.fileId, of.now],
      payouts.map(() => newId()),
      payouts.map(({ reference }) => reference),
      payouts.map(({ kind }) => kind),
      payouts.map(({ currency }) => currency),
      payouts.map(({ declared }) => declared?.toString() ?? null),
      arrivals,
      arrivals.map(inBankBy),
    ]);
    return rows.map(batchOf);
  }

  /** @returns the lines that were not there before, or have got their payout now */
  async addItems(tx: Tx, of: ReportContext, lines: readonly (ReportLine & { batchId: string | null })[]) {
    const today = of.now.toISOString().slice(0, 10);
    const added: StoredItem[] = [];
    for (let from = 0; from < lines.length; from += PORTION) {
      const portion = lines.slice(from, from + PORTION);
      const rows = await tx.query<{ id: string; processor_txn: string; payment_locator: string | null }>(INSERT_ITEMS, [
        ...[of.tenantId, of.processor],
        portion.map(() => newId()),
        portion.map(({ batchId }) => batchId),
        portion.map(({ id }) => id),
        portion.map(({ category }) => category),
        portion.map(({ reportedCategory }) => reportedCategory),
        portion.map(({ currency }) => currency),
        portion.map(({ gross }) => gross.toString()),
        portion.map(({ fee }) => fee.toString()),
        portion.map(({ net }) => net.toString()),
        portion.map(({ references }) => references[0] ?? null),
        portion.map(({ references }) => references[1] ?? null),
        portion.map(({ createdOn }) => createdOn ?? today),
      ]);
      for (const row of rows) {
        added.push({ id: row.id, processorTxn: row.processor_txn, paymentLocator: row.payment_locator });
      }
    }
    return added;
  }

  /** Gives a manual payout every line that no payout has named until its day. */
  async claimLoose(tx: Tx, of: ReportContext, { id, currency, arrivalOn }: Batch): Promise<void> {
    await tx.execute(CLAIM_LOOSE, [of.tenantId, of.processor, id, currency, arrivalOn]);
  }

  async opening(tx: Tx, of: ReportContext, { id, currency, arrivalOn }: Batch): Promise<bigint> {
    const [row] = await tx.query<{ opening: string }>(OPENING, [
      ...[of.tenantId, of.processor, currency, arrivalOn, id],
    ]);
    return BigInt(row!.opening);
  }

  async sums(tx: Tx, tenantId: string, batchIds: readonly string[]): Promise<(CategorySum & { batchId: string })[]> {
    const rows = await tx.query<SumRow>(SUMS, [tenantId, batchIds]);
    return rows.map(({ batch_id: batchId, category, is_ach: isAch, items, gross, fee, net }) => ({
      ...{ batchId, category, isAch, items },
      ...{ gross: BigInt(gross), fee: BigInt(fee), net: BigInt(net) },
    }));
  }

  async writeTotals(tx: Tx, tenantId: string, { id, version }: Batch, totals: PayoutTotals): Promise<void> {
    const { items, gross, fees, refunds, disputes, other, net, offBy } = totals;
    const amounts = [gross, fees, refunds, disputes, other, net, offBy].map(String);
    const state = offBy === 0n ? 'balanced' : 'unbalanced';
    await tx.execute(WRITE_TOTALS, [tenantId, id, items, ...amounts, state, version]);
  }

  /** Payments of these batches, where they are balanced, are settled. @returns those that were not before */
  async settle(tx: Tx, tenantId: string, batchIds: readonly string[], now: Date): Promise<string[]> {
    const rows = await tx.query<{ locator: string }>(SETTLE, [tenantId, batchIds, now]);
    return rows.map(({ locator }) => locator);
  }
}

interface BatchRow {
  id: string;
  payout_ref: string;
  kind: 'automatic' | 'manual';
  currency: string;
  declared_minor: string | null;
  arrival_on: string;
  state: string;
  version: number;
}

interface SumRow {
  batch_id: string;
  category: SettlementCategory;
  is_ach: boolean;
  items: number;
  gross: string;
  fee: string;
  net: string;
}

function batchOf(row: BatchRow): Batch {
  return {
    ...{ id: row.id, payoutRef: row.payout_ref, kind: row.kind, currency: row.currency, arrivalOn: row.arrival_on },
    declared: row.declared_minor === null ? null : BigInt(row.declared_minor),
    isBalanced: row.state === 'balanced',
    version: row.version,
  };
}
