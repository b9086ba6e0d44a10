import { DomainError } from '../domain/errors.ts';

const RECORD = 94;
const [LF, CR, SPACE] = [0x0a, 0x0d, 0x20];
/** Where the first record must end, if its file has lines at all. */
const FIRST_LINE_MAX = 256;

export interface NachaRecord {
  /** From 1, without padding. */
  readonly number: number;
  readonly offset: number;
  readonly type: string;
  /** Padded to 94 characters: trailing blanks are often cut. */
  readonly text: string;
  readonly isTooLong: boolean;
}

/** Records of 94 bytes, in lines that end with LF or CR LF, or one after the other. Rows of 9s and blanks are none. */
export function* recordsOf(bytes: Buffer): Generator<NachaRecord> {
  const firstLine = bytes.subarray(0, FIRST_LINE_MAX).indexOf(LF);
  const isInLines = firstLine >= 0 || bytes.length < RECORD * 2;
  let number = 0;
  for (let offset = 0; offset < bytes.length;) {
    const end = isInLines ? lineEnd(bytes, offset) : Math.min(offset + RECORD, bytes.length);
    const text = bytes.toString('latin1', offset, trimmed(bytes, offset, end));
    if (text !== '' && !/^9{20,}$/.test(text)) {
      const type = text[0]!;
      if (!'156789'.includes(type)) throw unreadable(number + 1, offset, 'is no record of an ACH file');
      yield { number: ++number, offset, type, text: text.padEnd(RECORD), isTooLong: text.length > RECORD };
    }
    offset = isInLines ? end + 1 : end;
  }
}

function lineEnd(bytes: Buffer, offset: number): number {
  const end = bytes.indexOf(LF, offset);
  return end < 0 ? bytes.length : end;
}

function trimmed(bytes: Buffer, from: number, to: number): number {
  let end = to;
  while (end > from && (bytes[end - 1] === SPACE || bytes[end - 1] === CR)) end -= 1;
  return end;
}

export function unreadable(record: number, offset: number, what: string): DomainError {
  return new DomainError('file_unreadable', `Record ${record} at byte ${offset} ${what}.`, { record, offset });
}

/** A field of digits; blanks are zero, as they are in files without totals. */
export function digits({ text, number, offset }: NachaRecord, from: number, to: number, what: string): number {
  const field = text.slice(from - 1, to).trim();
  if (field === '') return 0;
  if (!/^\d+$/.test(field)) throw unreadable(number, offset, `has no number as its ${what}`);
  return Number(field);
}

export function field({ text }: NachaRecord, from: number, to: number): string {
  return text.slice(from - 1, to).trim();
}

/** YYMMDD of this century; null where it is blank or names no day. */
export function dateField(record: NachaRecord, from: number, to: number): string | null {
  const match = /^(\d\d)(\d\d)(\d\d)$/.exec(field(record, from, to));
  if (!match) return null;
  const day = `20${match[1]}-${match[2]}-${match[3]}`;
  const instant = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(instant.getTime()) || instant.toISOString().slice(0, 10) !== day ? null : day;
}
