/** Calendar dates as text, `YYYY-MM-DD`. */

const utc = (date: string): Date => new Date(`${date}T12:00:00Z`);
const dateOf = (instant: Date): string => instant.toISOString().slice(0, 10);

export function addDays(date: string, days: number): string {
  return dateOf(new Date(utc(date).getTime() + days * 86_400_000));
}

/** The same day a year later; 28 February for the day that only leap years have. */
export function yearAfter(date: string): string {
  const [year = '', month, day] = date.split('-');
  return `${Number(year) + 1}-${month}-${month === '02' && day === '29' ? '28' : day}`;
}
