/** Days are counted from 1 March of the year 0: leap days come last then, and no table of months is needed. */
export type Day = number;

export function dayOf(date: string): Day {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return dayAt(year, month, day);
}

export function dateOf(day: Day): string {
  const { year, month, day: of } = partsOf(day);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(of).padStart(2, '0')}`;
}

/** So many months after the month of a day, on the same day of the month or the last that there is. */
export function monthsAfter(day: Day, months: number): Day {
  const { year, month, day: wanted } = partsOf(day);
  const index = year * 12 + (month - 1) + months;
  const [inYear, inMonth] = [Math.floor(index / 12), (index % 12) + 1];
  const next = inMonth === 12 ? dayAt(inYear + 1, 1, 1) : dayAt(inYear, inMonth + 1, 1);
  return Math.min(dayAt(inYear, inMonth, 1) + wanted - 1, next - 1);
}

function dayAt(year: number, month: number, day: number): Day {
  const years = month > 2 ? year : year - 1;
  const months = month > 2 ? month - 3 : month + 9;
  const leaps = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leaps + Math.floor((153 * months + 2) / 5) + day - 1;
}

function partsOf(day: Day): { year: number; month: number; day: number } {
  let year = Math.floor(day / 365.2425) + 1;
  while (dayAt(year, 1, 1) > day) year -= 1;
  let month = 12;
  while (dayAt(year, month, 1) > day) month -= 1;
  return { year, month, day: day - dayAt(year, month, 1) + 1 };
}
