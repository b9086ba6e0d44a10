import { add, negate, zero } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import type { Role } from './chart.ts';
import type { JournalLine } from './entry.ts';
import { line, notZero, roleIn } from './lines.ts';
import type { Dimensions } from './lines.ts';
import { premiumCredits } from './rule-set.ts';
import type { LedgerSettings } from './rule-set.ts';

export interface PostedPayment extends Dimensions {
  readonly amount: Money;
  readonly method: PaymentMethod | null;
}

/**
 * What is owed on: an invoice that billing makes for trouble has a fee on it and nothing else, and an account of its
 * own; any other holds its fees with its premium.
 */
export type Receivable = 'fee' | 'other';

export interface IssuedInvoice extends Dimensions {
  readonly receivable: Receivable;
  readonly total: Money;
  readonly items: readonly { readonly category: ChargeCategory; readonly amount: Money }[];
}

export interface AppliedAmount extends Dimensions {
  readonly amount: Money;
}

export interface AllocatedAmount extends AppliedAmount {
  readonly receivable: Receivable;
}

export type PaymentMethod = 'cash' | 'check' | 'wire' | 'lockbox' | 'card' | 'ach';
export type ChargeCategory = 'premium' | 'tax' | 'surcharge' | 'fee';

const clearingRoles: Readonly<Record<PaymentMethod, Role>> = {
  card: 'clearing_card',
  ach: 'clearing_ach',
  check: 'clearing_lockbox',
  cash: 'clearing_lockbox',
  lockbox: 'clearing_lockbox',
  wire: 'clearing_lockbox',
};

const receivableRoles: Readonly<Record<Receivable, Role>> = { fee: 'fee_receivable', other: 'premium_receivable' };

const incomeRoles: Readonly<Record<Exclude<ChargeCategory, 'premium'>, Role>> = {
  tax: 'taxes_payable',
  surcharge: 'taxes_payable',
  fee: 'policy_fees',
};

/**
 * Always through unapplied cash, so that posting and allocation stay independent: Dr clearing, Cr 2100.
 * @throws DomainError `account_not_defined` for money that came no known way: a guess would hide it in the books
 */
export function paymentPosted({ amount, method, ...about }: PostedPayment): JournalLine[] {
  const clearing = roleIn(clearingRoles, method);
  return [line(clearing, amount, about), line('unapplied_cash', negate(amount), about)];
}

/**
 * Dr 1200 the invoice's total; Cr what the tenant's rules make of premium, taxes payable and fees, a line a role, by
 * account. A fee for trouble is Dr 1205, Cr 4030. Items that do not add up to the total make an entry that does not
 * balance.
 * @throws DomainError `account_not_defined`
 */
export function invoiceIssued(
  { total, items, receivable, ...about }: IssuedInvoice,
  settings: LedgerSettings,
): JournalLine[] {
  const parts = items.flatMap(({ category, amount }): [Role, Money][] => {
    if (category === 'premium') return premiumCredits(amount, settings);
    const isTrouble = category === 'fee' && receivable === 'fee';
    return [[isTrouble ? 'service_fees' : roleIn(incomeRoles, category), amount]];
  });
  const earned = new Map<Role, Money>();
  for (const [role, amount] of parts) earned.set(role, add(earned.get(role) ?? zero(amount.currency), amount));
  const credits = [...earned].map(([role, amount]) => line(role, negate(amount), about));
  credits.sort((a, b) => a.account.localeCompare(b.account));
  return notZero([line(receivableRoles[receivable], total, about), ...credits]);
}

/** Dr 2100, Cr 1200 (of a fee for trouble 1205) for every invoice that a payment was applied to. */
export function allocationCreated(applied: readonly AllocatedAmount[]): JournalLine[] {
  return notZero(
    applied.flatMap(({ amount, receivable, ...about }) => [
      line('unapplied_cash', amount, about),
      line(receivableRoles[receivable], negate(amount), about),
    ]),
  );
}

/** Money whose owner nobody knows moves from unapplied cash to unidentified receipts: Dr 2100, Cr 2110. */
export function suspenseOpened({ amount, ...about }: AppliedAmount): JournalLine[] {
  return [line('unapplied_cash', amount, about), line('unidentified_receipts', negate(amount), about)];
}

export interface GrantedCredit extends AppliedAmount {
  /** `partner`: somebody else has collected it and owes it to us. */
  readonly kind: 'credit' | 'partner';
}

/**
 * Money that no payment brought stands where a payment's would: Cr 2100. Dr 1200 for a credit, whose memo credited it
 * there, so that what was billed and paid for comes back as cash that is held; Dr 1210 for what a partner collected.
 */
export function creditCreated({ amount, kind, ...about }: GrantedCredit): JournalLine[] {
  const debit = kind === 'partner' ? 'partner_receivable' : 'premium_receivable';
  return [line(debit, amount, about), line('unapplied_cash', negate(amount), about)];
}

export interface WrittenOffAmount extends AllocatedAmount {
  /** `tolerance`: so little was missing that nobody is asked for it. */
  readonly cause: 'manual' | 'tolerance';
}

/**
 * Nobody is asked for it any more, so it is no asset: Cr 1200, and what is lost is an expense, Dr 5130, or 5135 for a
 * small balance. Whole, whatever it was for: what of it is premium not yet earned, or tax that a state gives back, is
 * for a person to say. A fee for trouble that is waived was no income after all: Dr 4030, Cr 1205.
 */
export function writtenOff({ amount, cause, receivable, ...about }: WrittenOffAmount): JournalLine[] {
  const loss = receivable === 'fee' ? 'service_fees' : 'premium_write_off';
  const debit = cause === 'tolerance' ? 'small_balances' : loss;
  return [line(debit, amount, about), line(receivableRoles[receivable], negate(amount), about)];
}

/** Taken out of a payment that did not hold it any more: the payer owes it. Dr 1200, Cr 2100. */
export function shortfallOpened({ amount, ...about }: AppliedAmount): JournalLine[] {
  return [line('premium_receivable', amount, about), line('unapplied_cash', negate(amount), about)];
}
