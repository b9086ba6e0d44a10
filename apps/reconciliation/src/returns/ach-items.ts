import { codeRule } from '../domain/ach-return.ts';
import type { NewItem } from '../domain/item.ts';
import type { NachaBatch, NachaFile } from '../nacha/nacha-file.ts';
import { ANY_BANK_ACCOUNT } from '../settlement/settlement-items.ts';
import type { FoundReturn, ReturnContext } from './return-item.ts';

/** Traces are unique within an originator; both sides of S6 lie here. */
export const ACH = 'ach';

/** What a file gives to be matched: batches with the bank (S3), payments of health plans (S4), returns (S6). */
export function itemsOfFile(of: ReturnContext, file: NachaFile, found: readonly FoundReturn[]): NewItem[] {
  const datedOn = file.createdOn ?? of.now.toISOString().slice(0, 10);
  return [...file.batches.flatMap((batch) => itemsOfBatch(of, batch, datedOn)), ...found.flatMap(itemOfReturn)];
}

function itemOfReturn(found: FoundReturn): NewItem[] {
  if (found.kind !== 'returned' || found.direction !== 'debit' || found.amount === 0n) return [];
  const { tenantId, id, currency, amount, effectiveOn: datedOn, originalTrace: reference } = found;
  const source = { type: 'return_item', id };
  return [{ tenantId, set: 'return_payment', side: 'A', source, account: ACH, currency, amount, datedOn, reference }];
}

/**
 * Entries that announce an 835 are each a payment to be found at it; what is left of a batch moves as one sum: what
 * was collected less what was paid out, of returns the other way unless our bank refuses them.
 */
function itemsOfBatch(of: ReturnContext, { index, header, entries }: NachaBatch, fileDate: string): NewItem[] {
  const { tenantId, fileId } = of;
  const about = { tenantId, currency: 'USD', datedOn: header?.effectiveOn ?? fileDate };
  let net = 0n;
  const announced: NewItem[] = [];
  for (const { record, direction, amount, addenda } of entries) {
    const trn = addenda.flatMap((addendum) => (addendum.type === '05' ? (addendum.trn ?? []) : []))[0];
    const kinds = addenda.map((addendum) => (addendum.type === '99' ? codeRule(addendum.code).kind : null));
    const isBack = kinds.at(-1) === 'returned' || kinds.at(-1) === 'contested';
    if (trn && direction === 'credit' && amount !== 0n) {
      announced.push({
        ...{ ...about, set: 'remittance_deposit', side: 'B', source: { type: 'ach_entry', id: `${fileId}:${record}` } },
        ...{ account: ANY_BANK_ACCOUNT, amount, reference: trn.trn02, secondReference: trn.trn03 },
      });
    } else net += (direction === 'debit') === isBack ? -amount : amount;
  }
  if (net === 0n || header === null) return announced;
  const { companyId, number } = header;
  const source = { type: 'ach_batch', id: `${fileId}:${index}` };
  const sum = { account: ANY_BANK_ACCOUNT, amount: net, reference: companyId, batchReference: `${companyId}${number}` };
  return [...announced, { ...about, ...sum, set: 'ach_batch_deposit', side: 'A', source }];
}
