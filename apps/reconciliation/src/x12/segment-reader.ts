import { DomainError } from '../domain/errors.ts';
import {
  CR,
  delimitersOfFirst,
  delimitersOfIsa,
  ISA_BYTES_MAX,
  isLetterOrDigit,
  LF,
  maySeparate,
} from './delimiters.ts';
import type { Delimiters } from './delimiters.ts';
import { ELEMENTS_MAX, Segment } from './segment.ts';

/** Far longer than a segment of X12 may be; what is longer has lost its terminators. */
export const SEGMENT_BYTES_MAX = 16_384;
/** How much is made into one string at a time, however large the chunks are that come in. */
const PIECE_BYTES = 1 << 16;
const TAB = 0x09;
const SPACE = 0x20;
/** ASCII's own separators, 1C to 1F, are some writers' delimiters; what is below them is no text. */
const FIRST_SEPARATOR = 0x1c;
const CAPITAL_I = 0x49;
const BOM = '\u00ef\u00bb\u00bf';

const isBlank = (code: number): boolean => code === SPACE || code === LF || code === CR || code === TAB;

/**
 * Parts X12 into segments, whatever its sets are: 835, 820, 999. Knows nothing of meaning but ISA and IEA, because the
 * one says the delimiters anew and behind the other may be anything until the next.
 *
 * Chunks may be cut anywhere. What is kept of them is the piece being read, so memory does not grow with the file.
 */
export class SegmentReader {
  readonly segment = new Segment();
  /** Empty segments, and bytes between an IEA and the next ISA. */
  blankSegments = 0;
  strayBytes = 0;

  private readonly pieces: Iterator<Buffer>;
  private text = '';
  /** Where `text` begins in the file, and where in `text` the next segment does. */
  private base = 0;
  private position = 0;
  private ended = false;
  private delimiters: Delimiters | null = null;
  /** Behind an IEA, until something begins; and whether what was found there was nothing that begins. */
  private between = false;
  private stray = false;
  /** Ids are few: one string each, so that they are compared by identity. */
  private readonly ids = new Map<number, string>();

  constructor(chunks: Iterable<Buffer>) {
    this.pieces = piecesOf(chunks);
  }

  /** Moves on; null when the file is at its end. @throws DomainError `file_unreadable`, which says where */
  next(): Segment | null {
    for (;;) {
      if (!this.toNextStart()) return null;
      if (!this.delimiters || this.text.charCodeAt(this.position) === CAPITAL_I) this.detect();
      const end = this.scan();
      if (end > this.position + 1) return this.take(end);
      this.blankSegments++;
      this.position = end;
    }
  }

  unreadable(detail: string, offset = this.base + this.position): DomainError {
    return new DomainError('file_unreadable', `At byte ${offset}: ${detail}`, { offset });
  }

  /** Over line breaks, indents and, between interchanges, over anything. */
  private toNextStart(): boolean {
    if (this.base === 0 && this.position === 0) {
      while (this.text.length < BOM.length && this.more());
      if (this.text.startsWith(BOM)) this.position = BOM.length;
    }
    for (;;) {
      while (this.position < this.text.length && isBlank(this.text.charCodeAt(this.position))) this.position++;
      if (this.position < this.text.length) {
        if (!this.between || this.atInterchange()) return true;
      } else if (!this.more()) return false;
    }
  }

  /** Behind an IEA: whether something begins here; else goes to the next ISA, or to the end of what is there. */
  private atInterchange(): boolean {
    while (this.text.length - this.position < 4 && this.more());
    const { text, position } = this;
    const element = String.fromCharCode(this.delimiters!.element);
    // A set may follow at once, without an ISA of its own; behind anything else only an ISA is one for certain.
    const begins = !this.stray && ['GS', 'ST'].some((id) => text.startsWith(id + element, position));
    const { to, found } = begins ? { to: position, found: true } : this.nextIsa();
    // Blanks are not counted, here as between segments: what is found does not depend on where chunks are cut.
    for (let i = position; i < to; i++) if (!isBlank(text.charCodeAt(i))) this.strayBytes++;
    this.position = to;
    if (!found) {
      this.stray = true;
      this.more();
      return false;
    }
    this.between = this.stray = false;
    return true;
  }

  /** Where the next ISA is; else up to where there is none for certain. */
  private nextIsa(): { to: number; found: boolean } {
    const { text, position, ended } = this;
    for (let at = text.indexOf('ISA', position); at >= 0; at = text.indexOf('ISA', at + 1)) {
      if (at + 3 >= text.length) return { to: ended ? text.length : at, found: false };
      if (maySeparate(text.charCodeAt(at + 3))) return { to: at, found: true };
    }
    return { to: ended ? text.length : Math.max(position, text.length - 3), found: false };
  }

  private detect(): void {
    while (this.text.length - this.position < ISA_BYTES_MAX && this.more());
    const { text, position } = this;
    const found = delimitersOfIsa(text, position) ?? (this.delimiters ? null : delimitersOfFirst(text, position));
    if (!found) {
      if (this.delimiters && !isIsa(text, position, this.delimiters.element)) return;
      throw this.unreadable('expected a whole ISA segment, or ST of a file without an envelope.');
    }
    this.delimiters = found;
    this.segment.component = String.fromCharCode(found.component);
  }

  /** The position behind the segment that begins here; its elements are noted. */
  private scan(): number {
    const { element, terminator } = this.delimiters!;
    const { starts } = this.segment;
    starts[0] = this.position;
    let count = 0;
    let wrapped = false;
    let i = this.position;
    for (;;) {
      const { text } = this;
      for (; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code === terminator) return this.noted(count, i + 1, wrapped);
        if (code === element) {
          if (count === ELEMENTS_MAX) throw this.unreadable(`a segment has more than ${ELEMENTS_MAX} elements.`);
          starts[++count] = i + 1;
        } else if (code < FIRST_SEPARATOR) {
          if (code === LF || code === CR) wrapped = true;
          else if (code !== TAB) throw this.garbage(i);
        }
      }
      if (i - this.position > SEGMENT_BYTES_MAX) throw this.tooLong();
      // More of the file makes `text` begin at this segment.
      const shift = this.position;
      if (!this.more()) return this.noted(count, i + 1, wrapped);
      i -= shift;
      for (let n = 0; n <= count; n++) starts[n]! -= shift;
    }
  }

  private garbage(at: number): DomainError {
    return this.unreadable('a control character is in a segment; expected text.', this.base + at);
  }

  private tooLong(): DomainError {
    const terminator = String.fromCharCode(this.delimiters!.terminator);
    return this.unreadable(`expected the terminator ${JSON.stringify(terminator)} within ${SEGMENT_BYTES_MAX} bytes.`);
  }

  private noted(count: number, end: number, wrapped: boolean): number {
    if (end - this.position > SEGMENT_BYTES_MAX) throw this.tooLong();
    const { segment } = this;
    segment.elements = count;
    segment.starts[count + 1] = end;
    segment.text = this.text;
    if (wrapped) unwrap(segment);
    return end;
  }

  /** Makes what was scanned the current segment. */
  private take(end: number): Segment {
    const { segment, text } = this;
    segment.offset = this.base + this.position;
    segment.terminated = end <= text.length;
    const next = Math.min(end, text.length);
    segment.length = next - this.position;
    segment.id = this.idOf(segment);
    this.position = next;
    this.between = segment.id === 'IEA';
    return segment;
  }

  private idOf({ text, starts, terminated }: Segment): string {
    const start = starts[0]!;
    const length = starts[1]! - 1 - start;
    if ((length < 2 && terminated) || length > 3 || !isLetterOrDigit(text.charCodeAt(start))) {
      throw this.unreadable('expected a segment, which begins with its name of two or three letters.');
    }
    let key = length;
    for (let i = 0; i < length; i++) key = key * 256 + text.charCodeAt(start + i);
    let id = this.ids.get(key);
    if (id === undefined) {
      // A key of an object is the one string that literals of the same text are, too: comparing is comparing pointers.
      id = Object.keys({ [text.slice(start, start + length)]: 0 })[0]!;
      this.ids.set(key, id);
    }
    return id;
  }

  /** Reads on, and lets go of what is behind. False at the end of the file. */
  private more(): boolean {
    if (this.ended) return false;
    const piece = this.pieces.next();
    if (piece.done) return !(this.ended = true);
    // Put together as bytes: a string put together of two is slower to walk over.
    const rest = Buffer.from(this.text.slice(this.position), 'latin1');
    this.text = Buffer.concat([rest, piece.value]).toString('latin1');
    this.base += this.position;
    this.position = 0;
    return true;
  }
}

const isIsa = (text: string, at: number, element: number): boolean =>
  text.startsWith('ISA', at) && text.charCodeAt(at + 3) === element;

function* piecesOf(chunks: Iterable<Buffer>): Generator<Buffer> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
  }
}

/** Takes line breaks out of a segment of a wrapped file. */
function unwrap(segment: Segment): void {
  const parts: string[] = [];
  for (let n = 0; n <= segment.elements; n++) parts.push(segment.at(n).replaceAll('\n', '').replaceAll('\r', ''));
  segment.text = `${parts.join('*')}*`;
  let start = 0;
  for (const [n, part] of parts.entries()) {
    segment.starts[n] = start;
    start += part.length + 1;
  }
  segment.starts[parts.length] = start;
}
