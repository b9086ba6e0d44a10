import { negate } from '@quittance/money/money';
import { roundHalfUp } from '@quittance/money/split';
import type { Role } from './chart.ts';
import type { JournalLine } from './entry.ts';
import { line, notZero } from './lines.ts';
import type { AppliedAmount } from './posting-rules.ts';
import { isShared } from './rule-set.ts';
import type { LedgerSettings, RuleSet } from './rule-set.ts';

export type CommissionMove = 'reserved' | 'earned' | 'clawed_back' | 'paid';

/** Debit and credit of a move; a negative amount goes the other way. */
type Moves = Readonly<Record<CommissionMove, readonly [debit: Role, credit: Role] | null>>;

/** What may be earned one day costs a carrier nothing yet. */
const carrier: Moves = {
  reserved: null,
  clawed_back: null,
  earned: ['commission_expense', 'commission_payable'],
  paid: ['commission_payable', 'operating_cash'],
};

/** What an agency may keep is set apart of what it owes to the carrier, and leaves the trust when it is paid out. */
const agency: Moves = {
  reserved: ['payable_to_carrier', 'deferred_commission'],
  clawed_back: ['payable_to_carrier', 'deferred_commission'],
  earned: ['deferred_commission', 'commission_income'],
  paid: ['operating_cash', 'premium_trust_bank'],
};

const movesOf: Readonly<Record<RuleSet, Moves>> = { carrier, agency_bill: agency };

/** An agency whose share is a setting has booked it with its invoices: what is said of commission is nothing more. */
export function commissionMoved(
  move: CommissionMove,
  { amount, ...about }: AppliedAmount,
  settings: LedgerSettings,
): JournalLine[] {
  const roles = isShared(settings) ? null : movesOf[settings.ruleSet][move];
  if (!roles) return [];
  const [debit, credit] = roles;
  return notZero([line(debit, amount, about), line(credit, negate(amount), about)]);
}

/** An invoice of an agency whose share of premium is a setting. Minor units, of the invoice's currency. */
export interface SharedInvoice {
  readonly commissionMinor: bigint;
  readonly totalMinor: bigint;
  readonly paidMinor: bigint;
  /** What of the commission is not earned yet. */
  readonly deferredMinor: bigint;
}

/** It is earned as the invoice is paid, cumulatively: paid in full, nothing is left, however it came there. */
export function shareEarned(invoice: SharedInvoice, appliedMinor: bigint): bigint {
  const { commissionMinor, totalMinor, paidMinor, deferredMinor } = invoice;
  if (totalMinor === 0n) return 0n;
  const due = roundHalfUp(commissionMinor * (paidMinor + appliedMinor), totalMinor);
  return due - (commissionMinor - deferredMinor);
}
