import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { Finding } from '../domain/exception.ts';
import { sortReport } from '../domain/payout-lines.ts';
import { judgePayout } from '../domain/payout.ts';
import type { CategorySum, PayoutTotals, ReportLine } from '../domain/payout.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import type { ExceptionRow } from '../exceptions/exception.repository.ts';
import { ItemRepository } from '../matching/item.repository.ts';
import type { BatchFilter, BatchView, LineView } from './batch-view.ts';
import { batchEvent } from './settlement-event.ts';
import { itemOfBatch, itemOfLine } from './settlement-items.ts';
import { SettlementQueries } from './settlement-queries.repository.ts';
import { SettlementRepository } from './settlement.repository.ts';
import type { Batch, ReportContext, StoredItem } from './settlement.repository.ts';

/** A payout with what it is made of, and whether it adds up. */
export interface JudgedBatch {
  readonly batch: Batch;
  readonly totals: PayoutTotals;
  readonly sums: readonly CategorySum[];
  /** The verdict is new, or another than before. */
  readonly isNews: boolean;
}

/**
 * What a processor says it paid out, tied to the payments. All in the transaction of the file: the same report again
 * finds its lines and changes nothing. What does not add up is stored and shown, and nothing of it is booked.
 */
@Injectable()
export class SettlementsService {
  constructor(
    private readonly settlements: SettlementRepository,
    private readonly items: ItemRepository,
    private readonly exceptions: ExceptionRepository,
    private readonly outbox: Outbox,
    private readonly queries: SettlementQueries,
  ) {}

  async store(tx: Tx, of: ReportContext, lines: readonly ReportLine[]) {
    const report = sortReport(lines);
    const batches = await this.settlements.upsertBatches(tx, of, report.payouts);
    const byPayout = new Map(batches.map((batch) => [`${batch.currency} ${batch.payoutRef}`, batch]));
    const placed = report.items.map((line) => ({
      ...line,
      batchId: byPayout.get(`${line.currency} ${line.payout}`)?.id ?? null,
    }));
    const added = await this.settlements.addItems(tx, of, placed);
    const judged = await this.judge(tx, of, batches);
    const byTxn = new Map(placed.map((line) => [line.id, line]));
    const ours = added.flatMap((item) => [{ item, line: byTxn.get(item.processorTxn)! }]);
    await this.items.add(
      tx,
      ours.flatMap(({ item, line }) => itemOfLine(of, item, line)),
    );
    const exceptions = await this.exceptions.open(tx, unknownLines(of, ours), of.now);
    const more = await this.apply(tx, of, judged);
    return { judged, exceptions: [...exceptions, ...more] };
  }

  page(tx: Tx, filter: BatchFilter): Promise<BatchView[]> {
    return this.queries.page(tx, filter);
  }

  find(tx: Tx, id: string): Promise<BatchView | null> {
    return this.queries.find(tx, id);
  }

  /** Null when there is no such payout. */
  async lines(tx: Tx, page: { batchId: string; after: string | null; limit: number }): Promise<LineView[] | null> {
    const [batch, lines] = await Promise.all([this.queries.find(tx, page.batchId), this.queries.lines(tx, page)]);
    return batch === null ? null : lines;
  }

  private async judge(tx: Tx, of: ReportContext, batches: readonly Batch[]): Promise<JudgedBatch[]> {
    const inOrder = batches.toSorted((a, b) => a.arrivalOn.localeCompare(b.arrivalOn) || a.id.localeCompare(b.id));
    for (const batch of inOrder.filter(({ kind }) => kind === 'manual'))
      await this.settlements.claimLoose(tx, of, batch);
    const ids = batches.map(({ id }) => id);
    const sums = await this.settlements.sums(tx, of.tenantId, ids);
    const judged: JudgedBatch[] = [];
    for (const batch of inOrder) {
      const its = sums.filter(({ batchId }) => batchId === batch.id);
      const opening = batch.kind === 'manual' ? await this.settlements.opening(tx, of, batch) : 0n;
      const totals = judgePayout({ kind: batch.kind, declared: batch.declared, opening, sums: its });
      const isNews = batch.version === 0 || batch.isBalanced !== (totals.offBy === 0n);
      const next = { ...batch, version: batch.version + (isNews ? 1 : 0) };
      await this.settlements.writeTotals(tx, of.tenantId, next, totals);
      judged.push({ batch: next, totals, sums: its, isNews });
    }
    return judged;
  }

  /** Says what is balanced, which is then booked, and holds what is not. */
  private async apply(tx: Tx, of: ReportContext, judged: readonly JudgedBatch[]): Promise<ExceptionRow[]> {
    const { tenantId, now } = of;
    const balanced = judged.filter(({ totals }) => totals.offBy === 0n);
    const subjects = balanced.map(({ batch }) => ({ tenantId, subject: subjectOf(batch) }));
    await this.exceptions.close(tx, subjects, ['payout_unbalanced'], now);
    await this.items.add(
      tx,
      balanced.flatMap((each) => itemOfBatch(tenantId, each)),
    );
    const settled = await this.settlements.settle(
      tx,
      tenantId,
      balanced.map(({ batch }) => batch.id),
      now,
    );
    const paid = settled.map((id) => ({ tenantId, subject: { type: 'payment', id } }));
    await this.exceptions.close(tx, paid, ['payment_not_settled'], now);
    await this.outbox.append(
      tx,
      judged.flatMap((each) => batchEvent(of, each)),
    );
    return this.exceptions.open(
      tx,
      judged.flatMap((each) => unbalanced(tenantId, each)),
      now,
    );
  }
}

const subjectOf = ({ id }: Batch) => ({ type: 'settlement_batch', id });

function unbalanced(tenantId: string, { batch, totals: { offBy, net } }: JudgedBatch): Finding[] {
  if (offBy === 0n) return [];
  const { currency, payoutRef } = batch;
  const [off, paid] = [offBy < 0n ? -offBy : offBy, net].map((minor) => formatAmount({ minor, currency }));
  const how = offBy < 0n ? 'under' : 'over';
  const detail = `The lines of payout ${payoutRef} are ${off} ${currency} ${how} the ${paid} that were paid out.`;
  return [
    { tenantId, type: 'payout_unbalanced', subject: subjectOf(batch), detail, amount: { minor: offBy, currency } },
  ];
}

/** Charges, refunds and disputes that no payment of ours has the name of, and lines that are none of what we know. */
function unknownLines({ tenantId }: ReportContext, ours: readonly { item: StoredItem; line: ReportLine }[]): Finding[] {
  return ours.flatMap(({ item, line }) => {
    const isOurs = item.paymentLocator !== null || line.category === 'fee';
    if (isOurs) return [];
    const detail = `No payment is known for ${line.id}, reported as ${line.reportedCategory}.`;
    const amount = { minor: line.net, currency: line.currency };
    return [
      { tenantId, type: 'settlement_item_unknown', subject: { type: 'settlement_item', id: item.id }, detail, amount },
    ];
  });
}
