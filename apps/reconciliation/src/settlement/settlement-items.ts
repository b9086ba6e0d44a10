import type { NewItem } from '../domain/item.ts';
import type { ReportLine } from '../domain/payout.ts';
import type { JudgedBatch } from './settlements.service.ts';
import type { ReportContext, StoredItem } from './settlement.repository.ts';

/** Payments do not say by which processor's account they went: both sides lie in one. */
export const PROCESSOR = 'processor';
/** Neither a payout nor an ACH file names the bank account it goes to: it may be found in any. */
export const ANY_BANK_ACCOUNT = '*';

/** S1, side A. Fees and adjustments have no payment on the other side. */
export function itemOfLine({ tenantId, now }: ReportContext, { id }: StoredItem, line: ReportLine): NewItem[] {
  if (line.gross === 0n || (line.category !== 'charge' && line.category !== 'refund')) return [];
  const [reference, secondReference] = line.references;
  return [
    {
      ...{ tenantId, set: 'settlement_item_payment', side: 'A', source: { type: 'settlement_item', id } },
      ...{ account: PROCESSOR, currency: line.currency, amount: line.gross },
      datedOn: line.createdOn ?? now.toISOString().slice(0, 10),
      reference: reference ?? null,
      secondReference: secondReference ?? null,
      batchReference: line.payout,
    },
  ];
}

/** S2, side A: what the bank must show. */
export function itemOfBatch(tenantId: string, { batch, totals }: JudgedBatch): NewItem[] {
  if (totals.net === 0n) return [];
  const { id, payoutRef, currency, arrivalOn } = batch;
  return [
    {
      ...{ tenantId, set: 'settlement_batch_deposit', side: 'A', source: { type: 'settlement_batch', id } },
      ...{ account: ANY_BANK_ACCOUNT, currency, amount: totals.net, datedOn: arrivalOn },
      reference: payoutRef,
      batchReference: payoutRef,
    },
  ];
}
