import type { CalendarDate } from '../domain/calendar.ts';
import { isInstalmentFee } from '../domain/charge.ts';
import { amountOf, isUnbilled, merged } from '../domain/recut.ts';
import type { ChargeLine } from '../domain/recut.ts';
import type { BookedInstalment, TermBook, TermCharge } from './term-book.ts';

/** The charges of a term that a plan asks for its instalments: each is earned as these are billed. */
export function instalmentFeesOf({ charges }: TermBook): ReadonlySet<string> {
  return new Set(charges.filter(isInstalmentFee).map(({ id }) => id));
}

/** The lines of them in a pool, to be taken out of their charges. */
export function feesIn(pool: readonly ChargeLine[], fees: ReadonlySet<string>): ChargeLine[] {
  return merged(pool.filter(({ chargeId }) => fees.has(chargeId)));
}

/** What of a fee is billed: the rest is owed by nobody yet. */
export function billedFee({ instalments }: TermBook, { id, amountMinor, voidedMinor }: TermCharge): bigint {
  const unbilled = instalments
    .filter(isUnbilled)
    .flatMap(({ lines }) => lines.filter(({ chargeId }) => chargeId === id));
  return amountMinor - voidedMinor - amountOf(unbilled);
}

/** A term that ends has no fee for an instalment that it will not have: those from that date on. */
export function withoutFeesFrom(book: TermBook, on: CalendarDate) {
  const fees = instalmentFeesOf(book);
  const isGone = (each: BookedInstalment) => isUnbilled(each) && each.dueOn >= on;
  const voided = feesIn(
    book.instalments.filter(isGone).flatMap(({ lines }) => lines),
    fees,
  );
  const instalments = book.instalments.map((each) =>
    isGone(each) ? { ...each, lines: each.lines.filter(({ chargeId }) => !fees.has(chargeId)) } : each,
  );
  return { instalments, voided };
}
