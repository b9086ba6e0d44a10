/** The date that many working days after a date; Saturdays and Sundays are none, holidays are not known here. */
export function businessDaysAfter(date: string, days: number): string {
  const instant = new Date(`${date}T00:00:00Z`);
  const weekday = (instant.getUTCDay() + 6) % 7;
  // A weekend counts as its Friday: the working day after it is the same Monday.
  const fromMonday = Math.min(weekday, 4);
  const weekends = Math.floor((fromMonday + days) / 5);
  instant.setUTCDate(instant.getUTCDate() - (weekday - fromMonday) + days + weekends * 2);
  return instant.toISOString().slice(0, 10);
}

/** Working days until money of a payment must have been seen; null: it is ours to bring to the bank. */
const settlementDays: Readonly<Record<string, number>> = { card: 5, ach: 4, check: 10, lockbox: 10 };

export function settleBy(method: string | null, effectiveOn: string): string | null {
  const days = method === null ? undefined : settlementDays[method];
  return days === undefined ? null : businessDaysAfter(effectiveOn, days);
}

/** A payout is in the bank two working days after its arrival date at the latest. */
export const inBankBy = (arrivalOn: string): string => businessDaysAfter(arrivalOn, 2);
