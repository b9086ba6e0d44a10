import { unreadable } from '../reading.ts';

/** A record with its continuations, and where it stands in the file. */
export interface Bai2Record {
  readonly code: string;
  /** What stands behind the code, and each continuation, without the end mark. */
  readonly lines: readonly string[];
  readonly place: string;
}

const CODES = new Set(['01', '02', '03', '16', '49', '98', '99']);
/** These hold no free text, so that the first mark ends them, and another record may follow on the same line. */
const PLAIN = new Set(['01', '02', '03', '49', '98', '99']);
const CONTINUES = '88';
const DETAIL = '16';
const LINE_MAX = 16_384;

/**
 * Splits a file into its records. A record may lack its end mark, several may share a line, and a line may be filled up
 * with blanks.
 */
export function bai2Records(text: string): Bai2Record[] {
  const records: { code: string; lines: string[]; place: string }[] = [];
  for (const { line, number } of physicalLines(text)) {
    const place = `line ${number}`;
    const code = line.slice(0, 2);
    const last = records.at(-1);
    const isRecord = line[2] === ',' || line[2] === '/';
    if (code === CONTINUES || (!isRecord && last?.code === DETAIL)) {
      // Banks mistype the comma of a continuation: in a detail it is text, and the totals tell if it was more.
      if (!last) throw unreadable(place, 'continues nothing');
      last.lines.push(code === CONTINUES ? line.slice(3) : line);
    } else if (isRecord && CODES.has(code)) records.push({ code, lines: [line.slice(3)], place });
    else throw unreadable(place, 'is no record of BAI2');
  }
  return records;
}

function* physicalLines(text: string): Generator<{ line: string; number: number }> {
  let number = 0;
  // Whether free text may stand in it: a continuation is of the record before it.
  let isPlain = true;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    number++;
    if (raw.length > LINE_MAX) throw unreadable(`line ${number}`, 'is too long');
    let rest = raw.trim();
    while (rest !== '' && rest !== '/') {
      const code = rest.slice(0, 2);
      if (code !== CONTINUES) isPlain = PLAIN.has(code);
      const end = isPlain ? rest.indexOf('/') : rest.endsWith('/') ? rest.length - 1 : -1;
      yield { line: end < 0 ? rest : rest.slice(0, end), number };
      rest = end < 0 ? '' : rest.slice(end + 1).trim();
    }
  }
}

/** Reads the fields of a record one by one; what is left over is its text. */
export class Fields {
  private line = 0;
  private fields: string[];

  constructor(readonly record: Bai2Record) {
    this.fields = record.lines[0]!.split(',');
  }

  /** The next field, '' where there is none. */
  next(): string {
    while (this.fields.length === 0 && this.line + 1 < this.record.lines.length) {
      this.fields = this.record.lines[++this.line]!.split(',');
    }
    return this.fields.shift()?.trim() ?? '';
  }

  get isOver(): boolean {
    return this.fields.length === 0 && this.line + 1 >= this.record.lines.length;
  }

  rest(): string {
    const lines = [this.fields.join(','), ...this.record.lines.slice(this.line + 1)];
    return lines
      .map((line) => line.trim())
      .filter(Boolean)
      .join('\n');
  }
}
