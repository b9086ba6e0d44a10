import { exponentOf } from '@quittance/money/currency';
import { DomainError } from '../domain/errors.ts';
import { amountProblem, dateProblem, Faults } from './faults.ts';
import { HeadReader } from './head-reader.ts';
import type { HeadFields } from './head-reader.ts';
import type { Fault } from './remittance.ts';
import type { Segment } from './segment.ts';
import { SegmentReader } from './segment-reader.ts';

/** An X12 820 (005010X218): who pays premium for many, and for which policies or invoices. */
export interface PremiumPayment extends HeadFields {
  readonly index: number;
  readonly offset: number;
  readonly setControl: string;
  readonly items: readonly PremiumItem[];
  /** BPR02 = sum of RMR04. Where it is false nothing may be applied. */
  readonly balanced: boolean;
  readonly faults: readonly Fault[];
}

/** RMR, and the ADX behind it. */
export interface PremiumItem {
  readonly offset: number;
  /** RMR01 and RMR02: IK is an invoice, AZ and IG a policy, 11 an account. */
  readonly qualifier: string;
  readonly reference: string;
  /** RMR04, RMR05 */
  readonly paid: bigint;
  readonly billed: bigint | null;
  /** NM1 of the loop it stands in: personal data. */
  readonly memberId: string | null;
  readonly adjustments: readonly { readonly reason: string; readonly amount: bigint }[];
}

type Draft = Omit<PremiumItem, 'adjustments'> & { adjustments: { reason: string; amount: bigint }[] };

/**
 * The payments of a file, one by one, by the same tokenizer as remittances. Sets that are no 820 are passed over.
 *
 * @throws DomainError `file_unreadable`
 */
export function* readPremiumPayments(chunks: Iterable<Buffer>): Generator<PremiumPayment> {
  const reader = new SegmentReader(chunks);
  let set: PremiumReader | null = null;
  let count = 0;
  let end = 0;
  for (let segment = reader.next(); segment; segment = reader.next()) {
    end = segment.offset + segment.length;
    const cut = !segment.terminated && (segment.id !== 'SE' || segment.at(2) !== set?.control);
    if (cut) break;
    if (set && ENDS.has(segment.id)) {
      yield set.end(segment);
      set = null;
    }
    if (segment.id === 'ST' && segment.at(1) === '820') set = new PremiumReader(segment, count++);
    else set?.read(segment);
    if (set?.isFull) throw reader.unreadable('the items of a set, or what is wrong with it, go on without end.');
  }
  if (set) yield set.cutAt(end);
  if (count === 0) {
    throw new DomainError('file_unreadable', `At byte ${end}: the file ends; expected a transaction set 820.`, {
      offset: end,
    });
  }
}

/** A set has to fit into memory. */
const ITEMS_MAX = 500_000;
const ENDS = new Set(['SE', 'ST', 'GE', 'IEA', 'ISA', 'GS']);

class PremiumReader {
  readonly control: string;
  readonly offset: number;
  private readonly faults = new Faults();
  private readonly headReader = new HeadReader(this.faults);
  private head: HeadFields | null = null;
  private memberId: string | null = null;
  private readonly items: Draft[] = [];
  private exponent = 2;
  private isKnown = true;

  constructor(
    st: Segment,
    private readonly index: number,
  ) {
    this.offset = st.offset;
    this.control = st.at(2);
  }

  get isFull(): boolean {
    return this.items.length > ITEMS_MAX || this.faults.areTooMany;
  }

  read(segment: Segment): void {
    if (this.head === null) {
      if (this.headReader.read(segment)) return;
      this.endHead(false);
    }
    switch (segment.id) {
      case 'ENT':
        this.memberId = null;
        break;
      case 'NM1':
        this.memberId = segment.textAt(9);
        break;
      case 'RMR':
        this.readItem(segment);
        break;
      case 'ADX':
        // Before the first RMR it is about the whole payment, and no item's.
        this.items.at(-1)?.adjustments.push({ reason: segment.at(2), amount: this.amount(segment, 1) });
        break;
      case 'DTM':
        if (segment.dateAt(2) === null) this.faults.warn('syntax', dateProblem(segment, 2));
    }
  }

  end(by: Segment): PremiumPayment {
    if (by.id !== 'SE') this.faults.block('syntax', `SE is missing before ${by.id} at byte ${by.offset}.`);
    if (this.head === null) this.endHead(false);
    let difference = this.head!.amount;
    for (const { paid } of this.items) difference -= paid;
    const isKnown = this.isKnown && this.headReader.amountIsKnown;
    if (isKnown && difference !== 0n) {
      const detail = `The set at byte ${this.offset}: BPR02 is not the sum of RMR04; it is off by`;
      this.faults.block('remit_unbalanced', `${detail} ${difference} minor units.`);
    }
    return this.asRead(isKnown && difference === 0n && by.id === 'SE');
  }

  cutAt(offset: number): PremiumPayment {
    if (this.head === null) this.endHead(true);
    this.faults.block('file_truncated', `The file ends at byte ${offset}, inside of a set; expected SE.`);
    return this.asRead(false);
  }

  private asRead(balanced: boolean): PremiumPayment {
    const { index, offset, control: setControl, items } = this;
    return { ...this.head!, index, offset, setControl, items, balanced, faults: this.faults.take() };
  }

  private endHead(cut: boolean): void {
    this.head = this.headReader.end(this, cut);
    this.exponent = exponentOf(this.head.currency);
  }

  private readItem(rmr: Segment): void {
    this.items.push({
      ...{ offset: rmr.offset, qualifier: rmr.at(1), reference: rmr.textAt(2) ?? '', memberId: this.memberId },
      ...{ paid: this.amount(rmr, 4), billed: rmr.at(5) === '' ? null : this.amount(rmr, 5), adjustments: [] },
    });
  }

  private amount(segment: Segment, n: number): bigint {
    const minor = segment.minorAt(n, this.exponent);
    if (typeof minor === 'bigint') return minor;
    this.isKnown = false;
    this.faults.block('syntax', amountProblem(segment, n));
    return 0n;
  }
}
