/** What a line of a processor's report is about, whatever the processor calls it. */
export type SettlementCategory = 'charge' | 'refund' | 'dispute' | 'fee' | 'payout' | 'other';

const categories: Readonly<Record<string, SettlementCategory>> = {
  charge: 'charge',
  payment: 'charge',
  refund: 'refund',
  partial_capture_reversal: 'refund',
  payment_refund: 'refund',
  refund_failure: 'refund',
  dispute: 'dispute',
  dispute_reversal: 'dispute',
  fee: 'fee',
  stripe_fee: 'fee',
  network_cost: 'fee',
  tax: 'fee',
  payout: 'payout',
  payout_reversal: 'payout',
};

/** What is in no table stays `other`: it is added up with the rest, and a person is asked what it is. */
export function categoryOf(reported: string): SettlementCategory {
  return Object.hasOwn(categories, reported) ? categories[reported]! : 'other';
}

/** A line of a processor's report, in minor units of its currency; what leaves the processor's balance is negative. */
export interface ReportLine {
  /** Which line of the file, from 1. */
  readonly line: number;
  readonly id: string;
  readonly reportedCategory: string;
  readonly category: SettlementCategory;
  readonly currency: string;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  /** The processor's names of what it is about, the most particular to a payment first. */
  readonly references: readonly string[];
  readonly payout: string | null;
  readonly arrivesOn: string | null;
  readonly createdOn: string | null;
}

/** The lines of a payout of one category and clearing account, added up. */
export interface CategorySum {
  readonly category: SettlementCategory;
  readonly isAch: boolean;
  readonly items: number;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
}

export interface PayoutTotals {
  readonly items: number;
  readonly gross: bigint;
  readonly fees: bigint;
  readonly refunds: bigint;
  readonly disputes: bigint;
  readonly other: bigint;
  /** What is paid out: as declared, else what the lines come to. */
  readonly net: bigint;
  /** Lines less payout; of a manual one, what was paid out without ever having come in. */
  readonly offBy: bigint;
}

export interface PayoutQuestion {
  readonly kind: 'automatic' | 'manual';
  readonly declared: bigint | null;
  /** What earlier manual payouts left on the processor's balance. */
  readonly opening: bigint;
  readonly sums: readonly CategorySum[];
}

/**
 * An automatic payout is the sum of its lines. A manual one names no lines: it takes of the running balance, which
 * then must not be less than nothing.
 */
export function judgePayout({ kind, declared, opening, sums }: PayoutQuestion): PayoutTotals {
  const of = (category: SettlementCategory) => total(sums.filter((sum) => sum.category === category).map(grossOf));
  const lines = total(sums.map(({ net }) => net));
  const unexplained = total(sums.map(({ gross, fee, net }) => gross - fee - net));
  const net = declared ?? lines;
  const left = opening + lines - net;
  return {
    items: sums.reduce((count, { items }) => count + items, 0),
    gross: of('charge'),
    fees: total(sums.map(({ fee }) => fee)) - of('fee'),
    refunds: -of('refund'),
    disputes: -of('dispute'),
    other: of('other'),
    net,
    offBy: kind === 'manual' ? (left < 0n ? left : 0n) : lines - net || unexplained,
  };
}

const grossOf = ({ gross }: CategorySum) => gross;
const total = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
