import { isBooked } from './bank-statement.ts';
import type { BankLine, StatementKind } from './bank-statement.ts';
import type { NewItem } from './item.ts';
import { bestReference, isBankFee, payoutReferenceOf } from './line-reference.ts';

/** A line as it is stored, and what it belongs to. */
export interface AccountLine extends Omit<BankLine, 'parent'> {
  readonly tenantId: string;
  readonly id: string;
  readonly accountId: string;
  readonly statementId: string;
  readonly parentId: string | null;
  /** It is a batch booking of which the parts are known. */
  readonly hasParts: boolean;
}

export const depositStates = ['open', 'identified', 'matched'] as const;
export type DepositState = (typeof depositStates)[number];

/** A released credit, and what a person knows of it. */
export interface Deposit extends AccountLine {
  readonly state: DepositState;
  readonly version: number;
  readonly party: string | null;
  readonly policyLocator: string | null;
  readonly note: string | null;
  readonly identifiedBy: string | null;
  readonly identifiedAt: Date | null;
}

export type Identification = Pick<Deposit, 'party' | 'policyLocator' | 'note'> & { readonly identifiedBy: string };

/**
 * Whether a line is money to be worked on. What a statement says is; what a report or a notification says only with
 * the bank's reference, by which the statement will know it again: without one it would be there twice.
 */
export function isReleasable(line: BankLine, kind: StatementKind): boolean {
  if (line.pending || line.amount === 0n) return false;
  return kind === 'statement' || line.references.bank !== null;
}

export function isDeposit(line: Pick<BankLine, 'amount' | 'pending'> & { readonly parentId: string | null }): boolean {
  return !line.pending && line.parentId === null && line.amount > 0n;
}

/** A batch books at most one day's work of the payer: what the parts are for is matched part by part. */
export function itemsOf(line: AccountLine): NewItem[] {
  if (isBankFee(line)) return [];
  const isWhole = isBooked({ ...line, parent: line.parentId === null ? null : 0 });
  return [
    ...(isWhole && line.trn02 === null ? [itemOf(line, 'settlement_batch_deposit')] : []),
    ...(isWhole && line.trn02 === null ? [itemOf(line, 'ach_batch_deposit')] : []),
    ...(!line.hasParts && line.trn02 !== null ? [itemOf(line, 'remittance_deposit')] : []),
    ...(!line.hasParts && line.trn02 === null && line.amount > 0n ? [itemOf(line, 'deposit_invoice')] : []),
  ];
}

function itemOf(line: AccountLine, set: NewItem['set']): NewItem {
  const { tenantId, id, accountId, currency, amount, bookedOn, valueOn, references, trn02, trn03 } = line;
  const payout = payoutReferenceOf(line);
  const isRemittance = set === 'remittance_deposit';
  return {
    ...{ tenantId, set, side: 'B', source: { type: 'bank_line', id }, account: accountId, currency, amount },
    datedOn: valueOn ?? bookedOn,
    reference: isRemittance ? trn02 : set === 'settlement_batch_deposit' ? payout : bestReference(references),
    secondReference: isRemittance ? trn03 : references.customer,
    batchReference: payout ?? references.batch,
  };
}
