const FORM = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * `Thu, 04 Nov 2021 18:07:11 GMT`, and nothing that means the same: null for the other two forms of HTTP's dates, for a
 * wrong weekday and for 31 February.
 */
export function readImfDate(text: string): Date | null {
  if (!FORM.test(text)) return null;
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toUTCString() === text ? date : null;
}
