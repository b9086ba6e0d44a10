import { readDate, readMinor } from './values.ts';

/** More elements than any segment of X12 has. */
export const ELEMENTS_MAX = 100;

/**
 * The segment at which a {@link SegmentReader} stands. There is one for the whole file, which the reader moves on:
 * nobody keeps it, and its elements are cut out only when they are asked for.
 */
export class Segment {
  id = '';
  /** Where it begins in the file, in bytes; and how many it has, with its terminator. */
  offset = 0;
  length = 0;
  /** Whether its terminator stands behind it. The last one of a file may have none. */
  terminated = true;
  component = ':';
  /** The number of the highest element that is there: `SE*21*1234` has 2. */
  elements = 0;
  text = '';
  /** Where element n begins in `text`; it ends one before n + 1 begins. */
  readonly starts = new Int32Array(ELEMENTS_MAX + 2);

  /** Element n, as it stands; empty when it is not there. */
  at(n: number): string {
    return n > this.elements ? '' : this.text.slice(this.starts[n], this.starts[n + 1]! - 1);
  }

  /** Element n, or null when it is empty. A name in UTF-8 comes out as its writer meant it. */
  textAt(n: number): string | null {
    const value = this.at(n);
    return value === '' ? null : asWritten(value);
  }

  /** Components of element n. */
  componentsAt(n: number): string[] {
    const value = this.at(n);
    const components: string[] = [];
    let from = 0;
    for (let to = value.indexOf(this.component); to >= 0; to = value.indexOf(this.component, from)) {
      components.push(value.slice(from, to));
      from = to + 1;
    }
    components.push(from === 0 ? value : value.slice(from));
    return components;
  }

  /** Element n in minor units: undefined when it is empty, null when it is no amount of that many decimals. */
  minorAt(n: number, exponent: number): bigint | null | undefined {
    if (n > this.elements) return undefined;
    return readMinor(this.text, { start: this.starts[n]!, end: this.starts[n + 1]! - 1, exponent });
  }

  /** Element n as a date: undefined when it is empty, null when it is none. */
  dateAt(n: number): string | null | undefined {
    if (n > this.elements) return undefined;
    const start = this.starts[n]!;
    const end = this.starts[n + 1]! - 1;
    return start === end ? undefined : readDate(this.text, start, end);
  }
}

/** Bytes are read as Latin-1, one character each; where more than ASCII is in a text it is UTF-8, or stays as it is. */
function asWritten(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 0x80) continue;
    const decoded = Buffer.from(text, 'latin1').toString('utf8');
    return decoded.includes('\ufffd') ? text : decoded;
  }
  return text;
}
