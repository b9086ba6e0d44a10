import { roundHalfUp } from '@quittance/money/split';

/** A charge and the cover that it pays for: half-open, in policy-local dates. */
export interface PremiumCharge {
  readonly amountMinor: bigint;
  readonly handling: 'proratable' | 'fully_earned' | 'flat';
  readonly coverageStart: string;
  readonly coverageEnd: string;
}

/** What billing said of the price of a term, in the order in which it was said. */
export interface PremiumTransaction {
  readonly id: string;
  readonly termNumber: number;
  readonly type: string;
  readonly effectiveOn: string;
  /** The transaction that did not take place after all. */
  readonly invalidates: string | null;
  readonly charges: readonly PremiumCharge[];
}

export interface Earning {
  /** What is earned of all that is written when the days before a date have passed. */
  readonly earnedMinor: bigint;
  /** Nothing more will be: the cover is over. */
  readonly isOver: boolean;
}

/**
 * Cumulatively, so that what is earned of a term at its end is what was charged, to the last minor unit: each charge by
 * the days of its own cover, rounded once. A cancellation ends the cover of all that was said before it: what it does
 * not give back is earned then, also what it keeps for ending early.
 */
export function earnedPremium(said: readonly PremiumTransaction[], on: string): Earning {
  const gone = new Set(said.map(({ invalidates }) => invalidates));
  const standing = said.filter(({ id }) => !gone.has(id));
  const parts = standing.flatMap((transaction, index) => {
    const endedOn = standing.slice(index).find((each) => endsCover(each, transaction))?.effectiveOn ?? null;
    return transaction.charges.map((charge) => earningOf(charge, endedOn, on));
  });
  const earnedMinor = parts.reduce((sum, part) => sum + part.earnedMinor, 0n);
  return {
    // More given back than was said to be charged: of the rest we were never told.
    earnedMinor: earnedMinor > 0n ? earnedMinor : 0n,
    isOver: parts.every(({ isOver }) => isOver),
  };
}

function endsCover({ type, termNumber }: PremiumTransaction, of: PremiumTransaction): boolean {
  return type === 'cancellation' && termNumber === of.termNumber;
}

function earningOf(charge: PremiumCharge, endedOn: string | null, on: string): Earning {
  const { amountMinor, coverageStart, coverageEnd } = charge;
  const isOver = on >= (endedOn ?? coverageEnd);
  return { earnedMinor: isOver && on >= coverageStart ? amountMinor : earnedOf(charge, on), isOver };
}

/** As billing counts: `flat` is earned with the first day of cover, `fully_earned` before it has passed. */
function earnedOf({ amountMinor, handling, coverageStart, coverageEnd }: PremiumCharge, on: string): bigint {
  const days = daysBetween(coverageStart, coverageEnd);
  if (handling === 'flat') return on > coverageStart ? amountMinor : 0n;
  if (handling === 'fully_earned' || days <= 0) return on >= coverageStart ? amountMinor : 0n;
  const passed = Math.min(Math.max(daysBetween(coverageStart, on), 0), days);
  return roundHalfUp(amountMinor * BigInt(passed), BigInt(days));
}

/**
 * What is to be booked now. Only what was billed is in 2010 and can be earned out of it; premium that is earned before
 * it is billed follows with its invoice. Negative where less is earned than was: a change was dated back.
 */
export function earningStep(earning: Earning, before: { earnedMinor: bigint; unearnedMinor: bigint }): bigint {
  const due = earning.earnedMinor - before.earnedMinor;
  return due < before.unearnedMinor ? due : before.unearnedMinor;
}

const DAY_MS = 86_400_000;

export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS;
}

export function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
}
