import type { BankLine } from '../../domain/bank-statement.ts';
import { referencesOf, traceOf } from '../../domain/line-reference.ts';
import { minorOf, shortDayOf, unreadable } from '../reading.ts';
import type { Mt940Field } from './mt940-messages.ts';

/** :61: value date, entry date, mark, funds code, amount, type, references, and a second line of details. */
const LINE = /^(\d{6})(\d{4}| {4})?(RC|RD|EC|ED|C|D)([A-Z])?(\d{1,15}(?:[,.]\d{0,5})?)(?:([A-Z][A-Z0-9]{3})(.*))?$/;

/** A reversed credit takes money back. EC and ED are expected only. */
const signs: Readonly<Record<string, 1n | -1n>> = { C: 1n, RD: 1n, EC: 1n, D: -1n, RC: -1n, ED: -1n };

export interface ReadLine {
  readonly line: BankLine;
  readonly warnings: readonly string[];
}

export function mt940Line(field: Mt940Field, information: string, currency: string): ReadLine {
  const { place } = field;
  const [first = '', ...details] = field.text.split('\n');
  const found = LINE.exec(first);
  if (!found) throw unreadable(place, ':61: is not as it has to be');
  const [, value = '', entry = '', mark = '', , amount = '', type = '', rest = ''] = found;
  const valued = shortDayOf(value);
  if (!valued) throw unreadable(place, ':61: has a value date that is none');
  const booked = entry.trim() === '' ? valued : entryDay(valued.date, entry);
  if (!booked) throw unreadable(place, ':61: has an entry date that is none');
  const [customer = '', bank = ''] = splitOnce(rest, '//');
  const text = [unstructured(information), details.join('\n').trim()].filter(Boolean).join('\n');
  const line: BankLine = {
    ...{ amount: signs[mark]! * minorOf(amount, currency, place), currency },
    ...{ bookedOn: booked.date, valueOn: valued.date },
    references: referencesOf({ customer, bank, endToEnd: endToEndIn(information), creditor: creditorIn(information) }),
    typeCode: type || null,
    text: text.slice(0, 4_000),
    ...{ reversal: mark.startsWith('R'), pending: mark.startsWith('E'), parent: null },
    ...traceOf(information),
  };
  const isReal = valued.isReal && booked.isReal;
  return { line, warnings: isReal ? [] : [`${place} has a date that no calendar has: the month's last day is taken`] };
}

/** MMDD, of the year that lies nearest to the value date. */
function entryDay(valueOn: string, monthDay: string) {
  const year = Number(valueOn.slice(0, 4));
  const months = Number(monthDay.slice(0, 2)) - Number(valueOn.slice(5, 7));
  const near = months > 6 ? year - 1 : months < -6 ? year + 1 : year;
  return shortDayOf(`${String(near % 100).padStart(2, '0')}${monthDay}`);
}

function splitOnce(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** `?20…?29` and `?60…?63` are one text in pieces, `?32` and `?33` a name; what has no such marks is as it stands. */
function unstructured(information: string): string {
  if (!/\?\d\d/.test(information)) return information.trim();
  const fields = information
    .replace(/\n/g, '')
    .split(/\?(?=\d\d)/)
    .slice(1);
  const kept = (is: (code: number) => boolean) =>
    fields.filter((field) => is(Number(field.slice(0, 2)))).map((field) => field.slice(2));
  const isText = (code: number) => (code >= 20 && code <= 29) || (code >= 60 && code <= 63);
  const title = kept((code) => code === 0).join('');
  return [title, kept(isText).join(''), kept((code) => code === 32 || code === 33).join('')].filter(Boolean).join('\n');
}

/** German banks mark references EREF+, Dutch ones /EREF/; the next mark ends them. */
function markedIn(information: string, name: 'EREF' | 'KREF' | 'CREF'): string | null {
  const flat = information.replace(/\n/g, '').replace(/\?\d\d/g, '');
  return new RegExp(`(?:${name}\\+|/${name}/)(.{1,35}?)(?=[A-Z]{4}\\+|/[A-Z]{4}/|$)`).exec(flat)?.[1]?.trim() ?? null;
}

const endToEndIn = (information: string) => markedIn(information, 'EREF');
const creditorIn = (information: string) => markedIn(information, 'CREF') ?? markedIn(information, 'KREF');
