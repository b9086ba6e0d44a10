import { roundHalfUp } from '@quittance/money/split';
import type { CalendarDate, Period } from './calendar.ts';
import { daysBetween } from './calendar.ts';
import type { ChargeSegment } from './earning.ts';
import { daysInForce, earnedOf } from './earning.ts';
import type { FieldProblem } from './errors.ts';
import type { Rate } from './rate.ts';
import { partOf } from './rate.ts';
import type { ShortRateTable } from './short-rate-table.ts';
import { percentKept } from './short-rate-table.ts';

export const cancellationMethods = ['pro_rata', 'short_rate_90', 'short_rate_table', 'flat'] as const;
export type CancellationMethod = (typeof cancellationMethods)[number];

/** How a term is ended, and what its insurer may keep of it. */
export interface Cancellation {
  readonly term: Period;
  /** The first day without cover. */
  readonly effectiveOn: CalendarDate;
  readonly method: CancellationMethod;
  /** The least part of each charge that is kept; null: none. */
  readonly minimumEarnedRate: Rate | null;
  /** Whether a flat cancellation gives fully earned fees back, too: as if there had been no policy. */
  readonly returnsFeesOnFlat: boolean;
  readonly table: ShortRateTable;
}

/** charged = earned + penalty + returned. All have the sign of the charge: a credit is taken back as it was given. */
export interface ChargeReturn {
  readonly chargedMinor: bigint;
  /** By the days of cover. */
  readonly earnedMinor: bigint;
  /** What the method keeps beyond that. */
  readonly penaltyMinor: bigint;
  readonly returnedMinor: bigint;
}

export interface ReturnPremium extends ChargeReturn {
  /** The part of what is earned that is fees and flat charges. */
  readonly feesRetainedMinor: bigint;
  /** In the order of the segments. */
  readonly charges: readonly ChargeReturn[];
}

/** What is wrong with a cancellation as it was sent, with pointers into its body. */
export function cancellationProblems(cancellation: Cancellation): FieldProblem[] {
  const { term, effectiveOn, method, minimumEarnedRate } = cancellation;
  const problems: FieldProblem[] = [];
  if (effectiveOn < term.start || effectiveOn > term.end) {
    problems.push({ pointer: '/effectiveDate', detail: `must be in the term, from ${term.start} to ${term.end}` });
  } else if (method === 'flat' && effectiveOn !== term.start) {
    problems.push({ pointer: '/effectiveDate', detail: `a flat cancellation takes effect on ${term.start}` });
  }
  if (method === 'flat' && minimumEarnedRate !== null) {
    problems.push({ pointer: '/minimumEarnedRate', detail: 'a flat cancellation keeps nothing' });
  }
  return problems;
}

/** What each charge gives back, and the sums. Handling decides, not category: a tax that is proratable follows days. */
export function returnPremium(segments: readonly ChargeSegment[], cancellation: Cancellation): ReturnPremium {
  const charges = segments.map((segment) => returnOf(segment, cancellation));
  const sum = (part: (charge: ChargeReturn) => bigint) => charges.reduce((total, charge) => total + part(charge), 0n);
  return {
    charges,
    chargedMinor: sum(({ chargedMinor }) => chargedMinor),
    earnedMinor: sum(({ earnedMinor }) => earnedMinor),
    penaltyMinor: sum(({ penaltyMinor }) => penaltyMinor),
    returnedMinor: sum(({ returnedMinor }) => returnedMinor),
    feesRetainedMinor: segments.reduce(
      (total, { handling }, index) => (handling === 'proratable' ? total : total + (charges[index]?.earnedMinor ?? 0n)),
      0n,
    ),
  };
}

function returnOf(segment: ChargeSegment, cancellation: Cancellation): ChargeReturn {
  const chargedMinor = segment.amountMinor;
  if (isReturnedWhole(segment, cancellation)) {
    return { chargedMinor, earnedMinor: 0n, penaltyMinor: 0n, returnedMinor: chargedMinor };
  }
  if (segment.handling !== 'proratable') {
    return { chargedMinor, earnedMinor: chargedMinor, penaltyMinor: 0n, returnedMinor: 0n };
  }
  const { earnedMinor } = earnedOf(segment, cancellation.effectiveOn);
  const returnedMinor = proratedReturn(segment, cancellation);
  return { chargedMinor, earnedMinor, penaltyMinor: chargedMinor - earnedMinor - returnedMinor, returnedMinor };
}

/** A change whose cover never began goes as if it had not been made: a penalty is for cover that was broken off. */
function isReturnedWhole({ handling, coverage }: ChargeSegment, cancellation: Cancellation): boolean {
  const { method, effectiveOn, term, returnsFeesOnFlat } = cancellation;
  if (method === 'flat') return handling !== 'fully_earned' || returnsFeesOnFlat;
  if (handling === 'fully_earned') return false;
  const isWithoutCover = effectiveOn <= coverage.start;
  return handling === 'flat' ? isWithoutCover : isWithoutCover && coverage.start > term.start;
}

function proratedReturn(segment: ChargeSegment, cancellation: Cancellation): bigint {
  const { amountMinor } = segment;
  const byMethod = returnByMethod(segment, cancellation);
  if (cancellation.minimumEarnedRate === null) return byMethod;
  const atMost = amountMinor - partOf(amountMinor, cancellation.minimumEarnedRate);
  return (amountMinor < 0n ? byMethod < atMost : byMethod > atMost) ? atMost : byMethod;
}

/** The part that comes back is an exact fraction, rounded once: 201.25 of 308.00, where twice gives 201.26 (S-45). */
function returnByMethod(segment: ChargeSegment, cancellation: Cancellation): bigint {
  const { amountMinor, coverage } = segment;
  const { method, effectiveOn } = cancellation;
  if (method === 'pro_rata') return earnedOf(segment, effectiveOn).unearnedMinor;
  const days = BigInt(daysBetween(coverage.start, coverage.end));
  const left = days - BigInt(daysInForce(coverage, effectiveOn));
  if (left === 0n) return 0n;
  if (method === 'short_rate_90') return roundHalfUp(amountMinor * left * 9n, days * 10n);
  const [numerator, denominator] = shareByTable(cancellation);
  return amountMinor - roundHalfUp(amountMinor * (days * denominator - left * numerator), days * denominator);
}

/**
 * The share of unearned premium that the table gives back. The table speaks of a charge for the whole term; the same
 * share goes to a change within it, whose own days would be read as those of a shorter policy. Never more than all.
 */
function shareByTable({ table, term, effectiveOn }: Cancellation): [numerator: bigint, denominator: bigint] {
  const termDays = daysBetween(term.start, term.end);
  const inForce = daysInForce(term, effectiveOn);
  const numerator = BigInt(100 - percentKept(table, inForce, termDays)) * BigInt(termDays);
  const denominator = 100n * BigInt(termDays - inForce);
  return numerator > denominator ? [1n, 1n] : [numerator, denominator];
}
