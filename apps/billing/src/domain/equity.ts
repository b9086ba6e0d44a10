import { roundHalfUp } from '@quittance/money/split';
import type { CalendarDate, Period } from './calendar.ts';
import { addDays } from './calendar.ts';
import type { ChargeCategory } from './charge.ts';
import type { ChargeSegment } from './earning.ts';
import { earnedOfAll } from './earning.ts';

/** How far the premium that was paid carries a policy: information for whoever cancels, never a bound (S-59). */
export interface Equity {
  readonly paidMinor: bigint;
  readonly earnedMinor: bigint;
  /** Negative: more is earned than was paid. */
  readonly equityMinor: bigint;
  /** Its part of the premium of the term in hundredths of a percent, 0 where there is no premium. */
  readonly equityBasisPoints: bigint;
  /** The first day whose cover is not paid any more; the end of the term where all of it is. */
  readonly equityOn: CalendarDate;
}

export interface PaidItem {
  readonly category: ChargeCategory;
  readonly allocatedMinor: bigint;
}

/** What a payment gave to a fee or a tax pays for no day of cover. */
export function premiumPaid(items: readonly PaidItem[]): bigint {
  return items.reduce(
    (total, { category, allocatedMinor }) => (category === 'premium' ? total + allocatedMinor : total),
    0n,
  );
}

export function equityOf(
  segments: readonly ChargeSegment[],
  paidMinor: bigint,
  { term, on }: { readonly term: Period; readonly on: CalendarDate },
): Equity {
  const premium = segments.filter(({ category }) => category === 'premium');
  const chargedMinor = premium.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  const { earnedMinor } = earnedOfAll(premium, on);
  const equityMinor = paidMinor - earnedMinor;
  return {
    paidMinor,
    earnedMinor,
    equityMinor,
    equityBasisPoints: chargedMinor === 0n ? 0n : roundHalfUp(equityMinor * 10_000n, chargedMinor),
    equityOn: equityDate(premium, paidMinor, term),
  };
}

/**
 * The last day of the term up to which no more is earned than was paid. Looked for from the end, day by day: where
 * return endorsements earn beside the premium, the sum need not grow every day, and halving could miss it.
 */
function equityDate(premium: readonly ChargeSegment[], paidMinor: bigint, { start, end }: Period): CalendarDate {
  let on = end;
  while (on > start && earnedOfAll(premium, on).earnedMinor > paidMinor) on = addDays(on, -1);
  return on;
}
