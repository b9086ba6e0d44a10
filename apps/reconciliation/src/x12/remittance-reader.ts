import { DomainError } from '../domain/errors.ts';
import { Envelope } from './envelope.ts';
import { Faults } from './faults.ts';
import type { Claim, Fault, Remittance } from './remittance.ts';
import type { Segment } from './segment.ts';
import { SegmentReader } from './segment-reader.ts';
import { SetReader } from './set-reader.ts';

export type RemittanceHead = Omit<Remittance, 'claims' | 'providerAdjustments' | 'length' | 'balanced' | 'faults'>;
export type RemittanceEnd = Pick<Remittance, 'providerAdjustments' | 'length' | 'balanced' | 'faults'>;

/** A remittance comes as one head, portions of its claims in their order, and one end. */
export type RemittancePart =
  | { readonly kind: 'head'; readonly head: RemittanceHead }
  | { readonly kind: 'claims'; readonly claims: readonly Claim[]; readonly faults: readonly Fault[] }
  | { readonly kind: 'end'; readonly end: RemittanceEnd };

/**
 * Claims, and claims and lines, that are handed over at once: what is in memory of a set of any size. Larger portions
 * are slower, too: what lives through a collection of young objects has to be moved.
 */
const PORTION_ROWS = 500;
const PORTION_CLAIMS = 50;
/** So many segments in a row that no 835 has: this is something else. */
const FOREIGN_MAX = 1_000;

/**
 * The remittances of a file, one by one, each whole. For those whose sets are of ordinary size.
 *
 * @throws DomainError `file_unreadable`, which says at which byte and what was expected, and nothing of the contents
 */
export function* readRemittances(chunks: Iterable<Buffer>): Generator<Remittance> {
  let head: RemittanceHead | null = null;
  let claims: Claim[] = [];
  let faults: Fault[] = [];
  for (const part of readRemittanceParts(chunks)) {
    if (part.kind === 'head') {
      head = part.head;
      claims = [];
      faults = [];
    } else if (part.kind === 'claims') {
      for (const claim of part.claims) claims.push(claim);
      for (const fault of part.faults) faults.push(fault);
    } else yield { ...head!, ...part.end, claims, faults: [...faults, ...part.end.faults] };
  }
}

/**
 * The same in portions, so that a set with any number of claims takes the same memory. What is wrong with a claim comes
 * with its portion or with a later one, and the rest with the end; only the end says whether the remittance balances.
 */
export function* readRemittanceParts(
  chunks: Iterable<Buffer>,
  portion = { claims: PORTION_CLAIMS, rows: PORTION_ROWS },
): Generator<RemittancePart> {
  const file = new RemittanceFile(chunks);
  for (let segment = file.next(); segment; segment = file.next()) {
    const { set } = file;
    if (set && segment.id === 'SE') yield* file.endSet(segment);
    else if (set && !OUTSIDE.has(segment.id)) {
      file.readInside(segment);
      if (!file.headIsSaid) yield* file.headOnce();
      if (set.claims.length >= portion.claims || set.weight >= portion.rows) yield* file.claims();
    } else {
      if (set) yield* file.endSet(null, segment);
      if (segment.id === 'ST' && segment.at(1) === '835') yield* file.finish();
      if (segment.id === 'ISA' || segment.id === 'GS') file.seal();
      file.readOutside(segment);
    }
  }
  yield* file.end();
}

const OUTSIDE = new Set(['ISA', 'GS', 'ST', 'GE', 'IEA']);

/** Where a file is being read: between sets, in one, or behind one that waits for what GE and IEA say of it. */
class RemittanceFile {
  set: SetReader | null = null;
  headIsSaid = false;
  private readonly reader: SegmentReader;
  private readonly faults = new Faults();
  private readonly envelope = new Envelope(this.faults);
  private finished: Omit<RemittanceEnd, 'faults'> | null = null;
  private finishedFaults: Fault[] = [];
  private sealed = false;
  private count = 0;
  private passedOver = false;
  /** The last segment is cut off in its middle. */
  private cut = false;
  private offset = 0;

  constructor(chunks: Iterable<Buffer>) {
    this.reader = new SegmentReader(chunks);
  }

  next(): Segment | null {
    const segment = this.reader.next();
    if (!segment) return null;
    this.offset = segment.offset + segment.length;
    if (this.faults.areTooMany) throw this.reader.unreadable('expected an 835; too much is wrong.', segment.offset);
    // A last segment without its terminator is whole only if what it repeats is whole.
    if (segment.terminated || segment.id === 'IEA') return segment;
    if (segment.id === 'SE' && this.set?.control === segment.at(2)) return segment;
    this.cut = true;
    return null;
  }

  readOutside(segment: Segment): void {
    if (segment.id === 'ST') {
      this.passedOver = segment.at(1) !== '835';
      this.envelope.openSet(segment);
      if (this.passedOver) this.faults.warn('envelope', `ST at byte ${segment.offset} is no 835; passed over.`);
      else {
        this.set = new SetReader(segment, this.faults);
        this.headIsSaid = false;
      }
    } else if (OUTSIDE.has(segment.id)) this.envelope.read(segment);
    else if (segment.id === 'SE') this.passedOver = false;
    else if (!this.passedOver && segment.id !== 'TA1') {
      throw this.reader.unreadable('expected ST, the begin of a transaction set.', segment.offset);
    }
  }

  readInside(segment: Segment): void {
    const set = this.set!;
    set.read(segment);
    if (set.foreignInARow > FOREIGN_MAX) throw this.reader.unreadable('expected a segment of an 835.', segment.offset);
    if (set.isFull) throw this.reader.unreadable('a claim or the PLB of a set goes on without end.', segment.offset);
  }

  /** At SE, or at what stands where SE should. */
  *endSet(se: Segment | null, instead?: Segment): Generator<RemittancePart> {
    const set = this.set!;
    if (se) set.segments++;
    set.end(this.cut);
    if (se) this.envelope.closeSet(se, set);
    else if (instead) {
      this.faults.block('syntax', `SE is missing before ${instead.id} at byte ${instead.offset}.`);
    } else {
      this.faults.block('file_truncated', `The file ends at byte ${this.offset}, inside of a set; expected SE.`);
    }
    yield* this.headOnce();
    yield* this.claims();
    const { providerAdjustments, balanced } = set;
    const length = (instead ? instead.offset : this.offset) - set.offset;
    this.finished = { providerAdjustments, length, balanced: balanced && (se !== null || instead !== undefined) };
    this.finishedFaults = this.faults.take();
    this.sealed = false;
    this.set = null;
  }

  *headOnce(): Generator<RemittancePart> {
    const set = this.set!;
    if (this.headIsSaid || !set.head) return;
    this.headIsSaid = true;
    const { interchangeControl, groupControl } = this.envelope;
    const where = { index: this.count++, offset: set.offset, setControl: set.control };
    yield { kind: 'head', head: { ...where, interchangeControl, groupControl, ...set.head } };
  }

  *claims(): Generator<RemittancePart> {
    const claims = this.set!.takeClaims();
    if (claims.length > 0) yield { kind: 'claims', claims, faults: this.faults.take() };
  }

  /** What is said from here on is about what comes. */
  seal(): void {
    if (this.finished && !this.sealed) this.finishedFaults.push(...this.faults.take());
    this.sealed = true;
  }

  /** Says the end of a set, when nothing more can be said of it. */
  *finish(): Generator<RemittancePart> {
    if (!this.finished) return;
    if (!this.sealed) this.seal();
    yield { kind: 'end', end: { ...this.finished, faults: this.finishedFaults } };
    this.finished = null;
  }

  *end(): Generator<RemittancePart> {
    if (this.set) {
      this.cut = true;
      yield* this.endSet(null);
    } else this.envelope.end(this.offset, this.cut);
    if (this.reader.strayBytes > 0 || this.reader.blankSegments > 0) {
      const { strayBytes, blankSegments } = this.reader;
      const what = `${blankSegments} empty segments and ${strayBytes} bytes outside of an interchange`;
      this.faults.warn('envelope', `${what} were passed over.`);
    }
    // Nothing comes any more that could take what is left to say.
    this.sealed = false;
    yield* this.finish();
    if (this.count === 0) {
      const detail = `At byte ${this.offset}: the file ends; expected a transaction set 835.`;
      throw new DomainError('file_unreadable', detail, { offset: this.offset });
    }
  }
}
