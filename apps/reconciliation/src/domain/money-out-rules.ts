// How money that leaves is booked: refunds, disputes, disbursements.
import { add, negate } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import type { Role } from './chart.ts';
import type { JournalEntry, JournalLine } from './entry.ts';
import { DomainError } from './errors.ts';
import { line, lineOn, roleIn } from './lines.ts';
import type { AppliedAmount } from './posting-rules.ts';

export type RefundDestination = 'original_method' | 'ach' | 'check';

export interface RefundedPayment extends AppliedAmount {
  readonly destination: RefundDestination;
  /** The account into which the payment came. */
  readonly paidInto: string;
}

export interface DisputedPayment extends AppliedAmount {
  readonly fee?: Money | undefined;
  readonly paidInto: string;
}

const otherWays: Readonly<Record<Exclude<RefundDestination, 'original_method'>, Role>> = {
  ach: 'clearing_ach',
  check: 'premium_trust_bank',
};

/** The clearing account that the entry of a payment debits. */
export function paidIntoOf({ lines, source }: JournalEntry): string {
  const debit = lines.find(({ amount }) => amount > 0n);
  if (!debit) throw new DomainError('account_not_defined', `The entry of ${source.id} has no debit.`);
  return debit.account;
}

/**
 * Dr 2100; Cr where the money came from, or the account by which else it went.
 * @throws DomainError `account_not_defined`
 */
export function refundSucceeded({ amount, destination, paidInto, ...about }: RefundedPayment): JournalLine[] {
  const credit = negate(amount);
  return [
    line('unapplied_cash', amount, about),
    destination === 'original_method'
      ? lineOn(paidInto, credit, about)
      : line(roleIn(otherWays, destination), credit, about),
  ];
}

/** The scheme holds what is disputed and takes its fee: Dr 1400, Dr 5125; Cr where the payment came in. */
export function disputeOpened({ amount, fee, paidInto, ...about }: DisputedPayment): JournalLine[] {
  const taken = fee ? add(amount, fee) : amount;
  return [
    line('chargeback_receivable', amount, about),
    ...(fee && fee.minor !== 0n ? [line('chargeback_fees', fee, about)] : []),
    lineOn(paidInto, negate(taken), about),
  ];
}

/** What was held is gone: Dr 2100, Cr 1400; of an inquiry nothing was held, so Cr where the payment came in. */
export function disputeLost({
  amount,
  isHeld,
  paidInto,
  ...about
}: DisputedPayment & { isHeld: boolean }): JournalLine[] {
  const credit = negate(amount);
  return [
    line('unapplied_cash', amount, about),
    isHeld ? line('chargeback_receivable', credit, about) : lineOn(paidInto, credit, about),
  ];
}

/** Set aside to be paid out: Dr 2100, Cr 2310. */
export function disbursementRequested({ amount, ...about }: AppliedAmount): JournalLine[] {
  return [line('unapplied_cash', amount, about), line('refunds_payable', negate(amount), about)];
}

/** Paid: Cr 1020; Dr what was set aside for it, or unapplied cash where it is a refund by cheque. */
export function disbursementExecuted({ amount, isSetAside, ...about }: AppliedAmount & { isSetAside: boolean }) {
  const debit = isSetAside ? 'refunds_payable' : 'unapplied_cash';
  return [line(debit, amount, about), line('premium_trust_bank', negate(amount), about)];
}

/** Nobody cashed it: the money is in the bank still, and unclaimed property. Dr 1020, Cr 2320. */
export function disbursementStale({ amount, ...about }: AppliedAmount): JournalLine[] {
  return [line('premium_trust_bank', amount, about), line('unclaimed_property', negate(amount), about)];
}
