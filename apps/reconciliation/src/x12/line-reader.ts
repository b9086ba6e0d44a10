import { lineDifference } from './balance.ts';
import type { ClaimReader } from './claim-reader.ts';
import { dateProblem } from './faults.ts';
import type { Adjustment, ServiceLine } from './remittance.ts';
import type { Segment } from './segment.ts';

/** Groups of 5010; CR is of 4010, where reversals had it. */
const GROUPS = new Set(['CO', 'OA', 'PI', 'PR']);
const MODIFIERS = 4;

/** Most lines have none of either; they share it. */
const NONE: never[] = [];

/** Reads loop 2110, from its SVC. One reads all lines of a claim, one after another. */
export class LineReader {
  private isKnown = true;
  private servedOn: string | null = null;
  private controlNumber: string | null = null;
  private adjustments: Adjustment[] = NONE;
  private remarks: string[] = NONE;
  private offset = 0;
  private index = -1;
  private code: readonly string[] = NONE;
  private charge = 0n;
  private paid = 0n;
  private units: string | null = null;
  /** The same, if SVC01 was written with the element separator in it and all that follows stands one too far. */
  private moved: Moved | null = null;

  constructor(private readonly claim: ClaimReader) {}

  start(svc: Segment): void {
    this.index++;
    this.offset = svc.offset;
    this.isKnown = true;
    this.servedOn = null;
    this.controlNumber = null;
    this.adjustments = NONE;
    this.remarks = NONE;
    this.code = svc.componentsAt(1);
    this.moved = this.code.length === 1 && this.code[0]!.length === 2 ? this.movedBy(svc) : null;
    // A procedure stands where the amount should be: there is nothing to read as it is written.
    if (this.moved && typeof svc.minorAt(2, this.claim.exponent) !== 'bigint') {
      Object.assign(this, this.moved);
      return;
    }
    this.charge = this.amount(svc, 2);
    this.paid = svc.at(3) === '' ? 0n : this.amount(svc, 3);
    this.units = svc.textAt(5);
  }

  read(segment: Segment): void {
    if (segment.id === 'REF' && segment.at(1) === '6R') this.controlNumber = segment.textAt(2);
    else if (segment.id === 'LQ' && segment.at(2) !== '') this.remark(segment.at(2));
  }

  adjust(cas: Segment): void {
    if (this.adjustments === NONE) this.adjustments = [];
    if (!readAdjustments(cas, this.adjustments, this.claim, this.index)) this.isKnown = false;
  }

  date(dtm: Segment): void {
    const kind = dtm.at(1);
    const date = dtm.dateAt(2);
    if (kind === '472' || (kind === '150' && this.servedOn === null)) this.servedOn = date ?? null;
    if (date === null) {
      this.claim.faults.warn('syntax', dateProblem(dtm, 2), { claim: this.claim.index, line: this.index });
    }
  }

  /** The line, whether its SVC01 was written as two elements, and whether all of its amounts were read. */
  end(): { line: ServiceLine; misplaced: boolean; isKnown: boolean; offset: number } {
    const { moved, offset, isKnown } = this;
    const misplaced =
      moved !== null && (this.code === moved.code || (this.balances(moved) && !this.balances(this.written)));
    if (misplaced) Object.assign(this, moved);
    return { line: this.asRead(), misplaced, isKnown, offset };
  }

  private balances({ charge, paid }: { readonly charge: bigint; readonly paid: bigint }): boolean {
    return this.isKnown && lineDifference({ charge, paid, adjustments: this.adjustments }) === 0n;
  }

  private get written(): { readonly charge: bigint; readonly paid: bigint } {
    return { charge: this.charge, paid: this.paid };
  }

  private asRead(): ServiceLine {
    const { code } = this;
    return {
      index: this.index,
      qualifier: code.length > 1 ? code[0] || null : null,
      procedure: (code.length > 1 ? code[1] : code[0]) ?? '',
      modifiers: code.length < 3 ? NONE : code.slice(2, 2 + MODIFIERS).filter((modifier) => modifier !== ''),
      charge: this.charge,
      paid: this.paid,
      units: this.units,
      servedOn: this.servedOn,
      controlNumber: this.controlNumber,
      adjustments: this.adjustments,
      remarks: this.remarks,
      balanced: true,
    };
  }

  private remark(code: string): void {
    if (this.remarks === NONE) this.remarks = [];
    this.remarks.push(code);
  }

  private amount(segment: Segment, n: number): bigint {
    const amount = this.claim.amount(segment, n, this.index);
    if (amount === null) this.isKnown = false;
    return amount ?? 0n;
  }

  private movedBy(svc: Segment): Moved | null {
    const charge = svc.minorAt(3, this.claim.exponent);
    const paid = svc.minorAt(4, this.claim.exponent);
    if (typeof charge !== 'bigint' || typeof paid !== 'bigint') return null;
    return { code: [svc.at(1), svc.at(2)], charge, paid, units: svc.textAt(6) };
  }
}

interface Moved {
  readonly code: readonly string[];
  readonly charge: bigint;
  readonly paid: bigint;
  readonly units: string | null;
}

/** CAS: up to six triplets. False when an amount of them could not be read. */
export function readAdjustments(cas: Segment, into: Adjustment[], claim: ClaimReader, line?: number): boolean {
  const group = cas.at(1);
  const place = line === undefined ? { claim: claim.index } : { claim: claim.index, line };
  if (!GROUPS.has(group)) {
    claim.faults.warn('syntax', `CAS01 at byte ${cas.offset} is none of CO, OA, PI and PR.`, place);
  }
  let known = true;
  for (let n = 2; n <= cas.elements; n += 3) {
    const reason = cas.at(n);
    if (reason === '' && cas.at(n + 1) === '') continue;
    const amount = claim.amount(cas, n + 1, line);
    if (amount === null) known = false;
    into.push({ group, reason, amount: amount ?? 0n, quantity: cas.textAt(n + 2) });
  }
  return known;
}
