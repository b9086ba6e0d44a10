import { accountOf } from './chart.ts';
import type { JournalLine } from './entry.ts';

/** Amounts in minor units of one currency; the dimensions of the money they are about. */
interface Dimensions {
  readonly currency: string;
  readonly policyLocator?: string | null;
  readonly paymentLocator?: string | null;
  readonly invoiceLocator?: string | null;
}

export interface PostedPayment extends Dimensions {
  readonly amount: bigint;
  readonly method: string | null;
}

export interface IssuedInvoice extends Dimensions {
  readonly items: readonly { readonly category: string; readonly amount: bigint }[];
}

export interface AppliedAmount extends Dimensions {
  readonly amount: bigint;
}

const clearingOf: Readonly<Record<string, string>> = {
  card: 'clearing_card',
  ach: 'clearing_ach',
  check: 'clearing_lockbox',
  cash: 'clearing_lockbox',
  lockbox: 'clearing_lockbox',
  wire: 'clearing_lockbox',
};

const incomeOf: Readonly<Record<string, string>> = {
  premium: 'unearned_premium',
  tax: 'taxes_payable',
  surcharge: 'taxes_payable',
  fee: 'policy_fees',
};

/** Always through unapplied cash, so that posting and allocation stay independent: Dr clearing, Cr 2100. */
export function paymentPosted(payment: PostedPayment): JournalLine[] {
  const clearing = clearingOf[payment.method ?? ''] ?? 'clearing_card';
  return [line(clearing, payment.amount, payment), line('unapplied_cash', -payment.amount, payment)];
}

/** Dr 1200 the whole invoice; Cr unearned premium, taxes payable and fees, one line a category. */
export function invoiceIssued(invoice: IssuedInvoice): JournalLine[] {
  const byRole = new Map<string, bigint>();
  for (const { category, amount } of invoice.items) {
    const role = incomeOf[category] ?? 'unearned_premium';
    byRole.set(role, (byRole.get(role) ?? 0n) + amount);
  }
  const total = [...byRole.values()].reduce((sum, amount) => sum + amount, 0n);
  const credits = [...byRole].map(([role, amount]) => line(role, -amount, invoice));
  return [line('premium_receivable', total, invoice), ...credits].filter(({ amount }) => amount !== 0n);
}

/** Dr 2100, Cr 1200 for every invoice that a payment was applied to. */
export function allocationCreated(applied: readonly AppliedAmount[]): JournalLine[] {
  return applied.flatMap((each) => [
    line('unapplied_cash', each.amount, each),
    line('premium_receivable', -each.amount, each),
  ]);
}

/** Money whose owner nobody knows moves from unapplied cash to unidentified receipts. */
export function suspenseOpened(suspense: AppliedAmount): JournalLine[] {
  return [line('unapplied_cash', suspense.amount, suspense), line('unidentified_receipts', -suspense.amount, suspense)];
}

function line(role: string, amount: bigint, dimensions: Dimensions): JournalLine {
  return {
    account: accountOf(role),
    amount,
    currency: dimensions.currency,
    policyLocator: dimensions.policyLocator ?? null,
    paymentLocator: dimensions.paymentLocator ?? null,
    invoiceLocator: dimensions.invoiceLocator ?? null,
  };
}
