import { isUtf8 } from 'node:buffer';
import { isCurrency } from '@quittance/money/currency';
import { maxMinor, MoneyError, parseAmount } from '@quittance/money/money';
import { DomainError } from '../domain/errors.ts';

/** Where in a file; counting its lines is left until somebody asks. */
export type Place = string | (() => string);

/** Why a file is not read, and where in it. The place is all that is said of its content. */
export function unreadable(place: Place, what: string): DomainError {
  return new DomainError('file_unreadable', `${typeof place === 'string' ? place : place()}: ${what}`);
}

/** Text of formats that name no encoding: UTF-8 where it is that, else the code page that banks use. */
export function textOf(bytes: Buffer): string {
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw unreadable(`byte ${zero}`, 'is zero: this is no text, or not in UTF-8');
  const text = isUtf8(bytes) ? bytes.toString('utf8') : new TextDecoder('windows-1252').decode(bytes);
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The first bytes as characters, for telling formats apart. */
export const headOf = (head: Buffer): string => head.toString('latin1').replace(/^\xEF\xBB\xBF/, '');

/** A currency that can be booked, or the reason why the file cannot be read. */
export function currencyOf(code: string, place: Place): string {
  if (isCurrency(code)) return code;
  throw unreadable(place, 'has a currency that is none of ISO 4217');
}

/**
 * An amount as banks write it: a point or a comma, a sign, zeros in front, and up to five decimals, of which those
 * beyond the currency's must be zero. Nothing is rounded.
 */
export function minorOf(text: string, currency: string, place: Place): bigint {
  const found = /^([+-]?)0*(\d{0,18})(?:[.,](\d{0,5}))?$/.exec(text);
  if (!found || !/\d/.test(text)) throw unreadable(place, 'has an amount that is no number');
  const [, sign = '', whole = '', decimals = ''] = found;
  const fraction = decimals.replace(/0+$/, '');
  try {
    const { minor } = parseAmount(`${whole || '0'}${fraction ? `.${fraction}` : ''}`, currency);
    return sign === '-' ? -minor : minor;
  } catch (error) {
    if (error instanceof MoneyError) throw unreadable(place, `has an amount that cannot be taken: ${error.message}`);
    throw error;
  }
}

/** Minor units as BAI2 writes them. */
export function wholeOf(text: string, place: Place): bigint {
  const found = /^([+-]?)(\d{1,25})$/.exec(text);
  const amount = found ? BigInt(found[2]!) : maxMinor + 1n;
  if (!found || amount > maxMinor)
    throw unreadable(place, 'has an amount that is no number of minor units, or too large');
  return found[1] === '-' ? -amount : amount;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export interface Day {
  readonly date: string;
  /** Banks that count thirty days a month write a February 30: it is read as the month's last day. */
  readonly isReal: boolean;
}

/** 'YYYYMMDD' as a date, or null where not even a month has such a day. */
export function dayOf(digits: string): Day | null {
  const found = /^(\d{4})(\d{2})(\d{2})$/.exec(digits);
  if (!found) return null;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && isLeap ? 29 : DAYS[month - 1];
  if (last === undefined || day < 1 || day > 31 || year < 1900) return null;
  const two = (n: number) => String(n).padStart(2, '0');
  return { date: `${found[1]}-${two(month)}-${two(Math.min(day, last))}`, isReal: day <= last };
}

/** 'YYMMDD': banks began to write it in the last century. */
export const shortDayOf = (digits: string): Day | null =>
  dayOf(`${Number(digits.slice(0, 2)) < 80 ? '20' : '19'}${digits}`);
