const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const SPACE = 0x20;

/**
 * A decimal in minor units, exactly: undefined when it is empty, null when it is no number, has more decimals than the
 * currency, or is more than 2^53 - 1 minor units. It is never rounded. Read in place: a large file has millions.
 */
export function readMinor(
  text: string,
  { start, end, exponent }: { readonly start: number; readonly end: number; readonly exponent: number },
): bigint | null | undefined {
  let i = start;
  let last = end;
  while (i < last && text.charCodeAt(i) === SPACE) i++;
  while (i < last && text.charCodeAt(last - 1) === SPACE) last--;
  if (i === last) return undefined;
  const negative = text.charCodeAt(i) === MINUS;
  if (negative || text.charCodeAt(i) === PLUS) i++;
  let minor = 0;
  let digits = 0;
  let decimals = -1;
  for (; i < last; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9) {
      minor = minor * 10 + digit;
      digits++;
      if (decimals >= 0 && (decimals += 1) > exponent) return null;
      if (minor > Number.MAX_SAFE_INTEGER) return null;
    } else if (digit === POINT - 0x30 && decimals < 0) decimals = 0;
    else return null;
  }
  if (digits === 0) return null;
  for (let have = Math.max(decimals, 0); have < exponent; have++) minor *= 10;
  if (minor > Number.MAX_SAFE_INTEGER) return null;
  return BigInt(negative ? -minor : minor);
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** A file has few days, and each of them very often: they share their strings. */
const known = new Map<number, string | null>();
const KNOWN_MAX = 5_000;

/** CCYYMMDD as 'YYYY-MM-DD', or null when there is no such day. */
export function readDate(text: string, start: number, end: number): string | null {
  if (end - start !== 8) return null;
  let number = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  let date = known.get(number);
  if (date === undefined) {
    date = dateOf(number);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(number, date);
  }
  return date;
}

function dateOf(number: number): string | null {
  const year = Math.floor(number / 10_000);
  const month = Math.floor(number / 100) % 100;
  const day = number % 100;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]! + leap) return null;
  const text = String(number).padStart(8, '0');
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}
