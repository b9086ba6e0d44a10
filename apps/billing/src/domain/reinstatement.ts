import { roundHalfUp } from '@quittance/money/split';
import type { Period } from './calendar.ts';
import { daysBetween } from './calendar.ts';
import type { ChargeSegment } from './earning.ts';
import { daysInForce } from './earning.ts';

/** A charge as it was before the cancellation, and what the cancellation gave back of it. */
export interface ReturnedSegment {
  readonly segment: ChargeSegment;
  readonly returnedMinor: bigint;
}

export interface ReinstatedCharge {
  /** The return charge with the other sign. */
  readonly reversedMinor: bigint;
  /** For the days without cover; it has the other sign than the charge. Zero without a lapse. */
  readonly gapCreditMinor: bigint;
}

export interface Reinstatement {
  readonly charges: readonly ReinstatedCharge[];
  /** The sum of all reversals and gap credits: what the reinstatement charges. */
  readonly netMinor: bigint;
}

/**
 * A reinstatement takes the whole return back, penalty and all, and gives a credit for the days between. A reversal
 * keeps the books provable: what is left in force is the charge as it was, not one of another amount.
 * @param gap the days without cover, from the cancellation to the reinstatement; null: cover was never broken
 */
export function reinstatementOf(returned: readonly ReturnedSegment[], gap: Period | null): Reinstatement {
  const charges = returned.map(({ segment, returnedMinor }) => ({
    reversedMinor: returnedMinor,
    gapCreditMinor: gap === null ? 0n : -gapOf(segment, gap),
  }));
  return {
    charges,
    netMinor: charges.reduce((total, charge) => total + charge.reversedMinor + charge.gapCreditMinor, 0n),
  };
}

function gapOf({ handling, amountMinor, coverage }: ChargeSegment, gap: Period): bigint {
  const days = daysBetween(coverage.start, coverage.end);
  if (handling !== 'proratable' || days <= 0) return 0n;
  const without = daysInForce(coverage, gap.end) - daysInForce(coverage, gap.start);
  return roundHalfUp(amountMinor * BigInt(without), BigInt(days));
}
