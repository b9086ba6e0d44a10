import { addDays, daysBetween } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { ChargeSegment } from '../domain/earning.ts';
import type { CancellationRequest } from '../domain/transaction.ts';
import type { Change } from '../transactions/change.ts';
import { segmentsOf } from '../transactions/term-book.ts';
import type { TermBook } from '../transactions/term-book.ts';
import type { Account } from './account.ts';
import type { Rules } from './rules.ts';

/** 12: what is earned and what is not is the charge, each rounded where it should be. */
export function earningViolations(book: TermBook, { earnedOf }: Rules, on: CalendarDate): string[] {
  return segmentsOf(book).flatMap((segment) => {
    const { start, end } = segment.coverage;
    // The middle day is where halves are.
    const middle = addDays(start, Math.floor(daysBetween(start, end) / 2));
    return [on, middle].flatMap((date) => {
      const { earnedMinor, unearnedMinor } = earnedOf(segment, date);
      const exact = earnedBy(segment, date);
      if (earnedMinor + unearnedMinor !== segment.amountMinor)
        return [`12: ${earnedMinor} and ${unearnedMinor} are not it`];
      return earnedMinor === exact ? [] : [`12: ${earnedMinor} is earned on ${date}, not ${exact}`];
    });
  });
}

/** Twice the fraction, plus one, cut off in half: another way to round than the domain's. */
function earnedBy({ amountMinor, handling, coverage: { start, end } }: ChargeSegment, on: CalendarDate): bigint {
  if (handling === 'flat') return on > start ? amountMinor : 0n;
  if (handling === 'fully_earned') return on >= start ? amountMinor : 0n;
  const day = (date: CalendarDate) => Date.parse(date) / 86_400_000;
  const days = BigInt(day(end) - day(start));
  const gone = BigInt(Math.max(0, Math.min(day(on), day(end)) - day(start)));
  const size = amountMinor < 0n ? -amountMinor : amountMinor;
  const [floor, rest] = [(size * gone) / days, (size * gone) % days];
  const rounded = 2n * rest >= days ? floor + 1n : floor;
  return amountMinor < 0n ? -rounded : rounded;
}

/** 13: nothing is given back that was not charged, and nothing that was earned. */
export function returnViolations(book: TermBook, { charges }: Change, on: CalendarDate): string[] {
  const segments = new Map(segmentsOf(book).map((segment) => [segment.charge.id, segment]));
  return charges.flatMap(({ amountMinor, offsetsChargeId }) => {
    const segment = segments.get(offsetsChargeId ?? '');
    if (!segment) return ['13: a return of nothing that was charged'];
    const earned = segment.coverage.start >= on || segment.handling === 'fully_earned' ? 0n : earnedBy(segment, on);
    const [charged, returned] = [abs(segment.amountMinor), abs(amountMinor)];
    const isRight = segment.amountMinor * amountMinor < 0n && returned <= charged - abs(earned);
    return isRight ? [] : [`13: ${returned} comes back of ${charged}, of which ${earned} is earned`];
  });
}

/**
 * 13: once all of one term is billed and paid, no more is unapplied or paid out than came in beyond what was earned.
 */
export function refundViolations(
  account: Account,
  book: TermBook,
  change: Change,
  { effectiveDate: on, method }: CancellationRequest,
): string[] {
  const isFlat = method === 'flat';
  const isSettled = [...account.entries()].every(({ row: { state } }) =>
    ['paid', 'cancelled', 'superseded'].includes(state),
  );
  if (account.terms.length > 1 || !isSettled) return [];
  let [received, refundable] = [0n, 0n];
  for (const { held, transactionId } of account.sources.values()) {
    const { amountMinor, returnedMinor, suspendedMinor, unappliedMinor, refundedMinor, disbursedMinor } = held.received;
    if (held.shares.some(({ ownerType }) => ownerType === 'policyholder')) return [];
    // What was paid out of a credit before it was taken back is a shortfall: its payer owes it.
    if (transactionId !== null && held.received.state === 'reversed') continue;
    refundable += unappliedMinor + refundedMinor + disbursedMinor;
    if (transactionId === null) received += amountMinor - returnedMinor - suspendedMinor;
  }
  const takenBack = new Map(change.charges.map(({ offsetsChargeId, amountMinor }) => [offsetsChargeId, amountMinor]));
  let earned = 0n;
  // A fee for an instalment that is not to come is not earned: that is seen in what is billed.
  for (const segment of segmentsOf(book).filter(({ charge }) => charge.code !== 'instalment_fee')) {
    if (segment.handling === 'fully_earned') earned += isFlat ? 0n : segment.amountMinor;
    // A method that keeps more than is earned keeps more of a credit, too, and that is the payer's.
    else if (segment.amountMinor < 0n) earned += segment.amountMinor + (takenBack.get(segment.charge.id) ?? 0n);
    else if (on > segment.coverage.start) earned += earnedBy(segment, on);
  }
  return refundable <= received - earned
    ? []
    : [`13: ${refundable} can be refunded of ${received}, ${earned} is earned`];
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n;
}
