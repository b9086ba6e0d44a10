import { roundHalfUp } from '@quittance/money/split';
import { daysBetween } from './calendar.ts';
import type { CalendarDate, Period } from './calendar.ts';
import { addSpread, amountOf, inOrder, isUnbilled, takeOff, withLines } from './recut.ts';
import type {
  ChargeLine,
  EndorsementPolicy,
  LaidInstalment,
  Recut,
  ReturnPolicy,
  StandingInstalment,
} from './recut.ts';

export interface EndorsementRules {
  readonly endorsement: EndorsementPolicy;
  readonly returns: ReturnPolicy;
}

/** A charge of an endorsement: signed, for the rest of the term. */
export interface EndorsementCharge extends ChargeLine {
  /** Otherwise it is whole on the first bill. */
  readonly isSpread: boolean;
}

export interface Endorsement {
  readonly charges: readonly EndorsementCharge[];
  readonly coverage: Period;
  /** The policy-local date on which it is processed. */
  readonly today: CalendarDate;
}

/**
 * What is not billed yet, with an endorsement in it. What of it was for days that have gone by is billed now; the rest
 * that costs more goes where the plan says, and what costs less is taken off.
 */
export function endorse(
  standing: readonly StandingInstalment[],
  { charges, coverage, today }: Endorsement,
  rules: EndorsementRules,
): Recut {
  const unbilled = standing.filter(isUnbilled);
  const more = charges.filter(({ amountMinor }) => amountMinor > 0n);
  const returns = charges.filter(({ amountMinor }) => amountMinor < 0n);
  const elapsed = more.filter(({ isSpread }) => isSpread).map((charge) => elapsedPart(charge, coverage, today));
  const ahead = more.map((charge) => {
    const gone = elapsed.find(({ chargeId }) => chargeId === charge.chargeId)?.amountMinor ?? 0n;
    return { ...charge, amountMinor: charge.amountMinor - gone };
  });
  const laid = place(unbilled, ahead, { elapsed, coverage, today, policy: rules.endorsement });
  const { laid: reduced, credited } = takeOff(inOrder(laid), returns, rules.returns);
  return { laid: reduced, credited };
}

/** The part of a back-dated charge for the days from its start to today. */
function elapsedPart({ chargeId, amountMinor }: ChargeLine, { start, end }: Period, today: CalendarDate): ChargeLine {
  const days = daysBetween(start, today < end ? today : end);
  if (days <= 0) return { chargeId, amountMinor: 0n };
  return { chargeId, amountMinor: roundHalfUp(amountMinor * BigInt(days), BigInt(daysBetween(start, end))) };
}

interface Placing {
  readonly elapsed: readonly ChargeLine[];
  readonly coverage: Period;
  readonly today: CalendarDate;
  readonly policy: EndorsementPolicy;
}

function place(
  unbilled: readonly StandingInstalment[],
  ahead: readonly EndorsementCharge[],
  { elapsed, coverage, today, policy }: Placing,
): LaidInstalment[] {
  const [next, ...later] = unbilled;
  const whole = ahead.filter(({ isSpread }) => !isSpread);
  const spread = ahead.filter(({ isSpread }) => isSpread);
  if (next && policy === 'spread') {
    const [first, ...others] = addSpread(unbilled, spread);
    return [...apart(elapsed, coverage, today), withLines(first!, whole), ...others];
  }
  if (next && policy === 'next') return [...apart(elapsed, coverage, today), withLines(next, ahead), ...later];
  // Billed apart: at once, or, where it may wait, on the date from which it counts.
  const dueOn = policy === 'bill_separately' && coverage.start > today ? coverage.start : today;
  return [...apart([...elapsed, ...ahead], coverage, dueOn), ...unbilled];
}

function apart(lines: readonly ChargeLine[], coverage: Period, dueOn: CalendarDate): LaidInstalment[] {
  if (amountOf(lines) === 0n) return [];
  const none: LaidInstalment = { source: 'endorsement', dueOn, period: coverage, lines: [] };
  return [withLines(none, lines)];
}
