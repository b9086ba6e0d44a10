import { roundHalfUp } from '@quittance/money/split';
import type { CalendarDate, Period } from './calendar.ts';
import { addMonths, daysBetween } from './calendar.ts';
import type { ChargeCategory, ChargeHandling } from './charge.ts';

/** A charge and the cover it pays for. An endorsement's covers the rest of the term, return premium is negative. */
export interface ChargeSegment {
  readonly category: ChargeCategory;
  readonly handling: ChargeHandling;
  readonly amountMinor: bigint;
  readonly coverage: Period;
}

export interface Earned {
  readonly earnedMinor: bigint;
  readonly unearnedMinor: bigint;
}

/** Days of cover that lie before a date: those the insurer was on risk when the cover ends there. */
export function daysInForce({ start, end }: Period, on: CalendarDate): number {
  return Math.min(Math.max(daysBetween(start, on), 0), daysBetween(start, end));
}

/**
 * What is earned of one charge when the days before `on` have passed. Earned is rounded and unearned is the rest: the
 * other way round an exact half would go to the other side (S-52). A credit earns as the mirror of its charge.
 *
 *   proratable    by days, out of the days of its own cover as they fall (365 or 366)
 *   fully_earned  whole from its first day
 *   flat          whole as soon as there was a day of cover
 */
export function earnedOf(segment: ChargeSegment, on: CalendarDate): Earned {
  const earnedMinor = earnedMinorOf(segment, on);
  return { earnedMinor, unearnedMinor: segment.amountMinor - earnedMinor };
}

function earnedMinorOf({ handling, amountMinor, coverage }: ChargeSegment, on: CalendarDate): bigint {
  const days = daysBetween(coverage.start, coverage.end);
  if (handling === 'flat') return on > coverage.start ? amountMinor : 0n;
  if (handling === 'fully_earned' || days <= 0) return on >= coverage.start ? amountMinor : 0n;
  return roundHalfUp(amountMinor * BigInt(daysInForce(coverage, on)), BigInt(days));
}

/** Rounded per charge, then summed: one rounding of the sum differs, and no charge would show it (S-51). */
export function earnedOfAll(segments: readonly ChargeSegment[], on: CalendarDate): Earned {
  const parts = segments.map((segment) => earnedOf(segment, on));
  return {
    earnedMinor: parts.reduce((total, part) => total + part.earnedMinor, 0n),
    unearnedMinor: parts.reduce((total, part) => total + part.unearnedMinor, 0n),
  };
}

/**
 * What a change of the annual amount comes to from a date to the end of the term: each policy year gives the part of
 * its own days that is left, and the sum is rounded once. In a term of a year that is annual × days left / term days.
 */
export function proRatedChange(annualMinor: bigint, from: CalendarDate, term: Period): bigint {
  // A year has 365 or 366 days, so their product is a denominator for both.
  let numerator = 0n;
  for (const year of yearsOf(term)) {
    const end = year.end < term.end ? year.end : term.end;
    const left = daysBetween(from > year.start ? from : year.start, end);
    if (left > 0) numerator += annualMinor * BigInt(left * (daysInYear(year) === 365 ? 366 : 365));
  }
  return roundHalfUp(numerator, 365n * 366n);
}

/** The policy years that begin within a term, each whole: the last one may end after it. */
function yearsOf({ start, end }: Period): Period[] {
  const years: Period[] = [];
  for (let i = 0; addMonths(start, 12 * i) < end; i++) {
    years.push({ start: addMonths(start, 12 * i), end: addMonths(start, 12 * (i + 1)) });
  }
  return years;
}

function daysInYear({ start, end }: Period): number {
  return daysBetween(start, end);
}
