import { lineDifference } from './balance.ts';
import type { ClaimReader } from './claim-reader.ts';
import { dateProblem } from './faults.ts';
import type { Adjustment, ServiceLine } from './remittance.ts';
import type { Segment } from './segment.ts';

/** Groups of 5010; CR is of 4010, where reversals had it. */
const GROUPS = new Set(['CO', 'OA', 'PI', 'PR']);
const MODIFIERS = 4;

/** Reads loop 2110, from its SVC. */
export class LineReader {
  private isKnown = true;
  private servedOn: string | null = null;
  private controlNumber: string | null = null;
  private readonly adjustments: Adjustment[] = [];
  private readonly remarks: string[] = [];
  private readonly offset: number;
  private readonly written: Written | null;
  /** The same, if SVC01 was written with the element separator in it and all that follows stands one too far. */
  private readonly moved: Written | null;

  constructor(
    svc: Segment,
    private readonly index: number,
    private readonly claim: ClaimReader,
  ) {
    this.offset = svc.offset;
    const code = svc.componentsAt(1);
    this.moved = code.length === 1 && code[0]!.length === 2 ? this.movedBy(svc, code[0]!) : null;
    const unreadable = this.moved !== null && typeof svc.minorAt(2, claim.exponent) !== 'bigint';
    this.written = unreadable ? null : { code, charge: this.amount(svc, 2), ...this.paidAndUnits(svc) };
  }

  read(segment: Segment): void {
    if (segment.id === 'REF' && segment.at(1) === '6R') this.controlNumber = segment.textAt(2);
    else if (segment.id === 'LQ' && segment.at(2) !== '') this.remarks.push(segment.at(2));
  }

  adjust(cas: Segment): void {
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

  end(): { line: ServiceLine; misplaced: boolean; isKnown: boolean; offset: number } {
    const { moved, written, offset, isKnown } = this;
    const misplaced = moved !== null && (!written || (this.balances(moved) && !this.balances(written)));
    return { line: this.lineOf(misplaced ? moved : written!), misplaced, isKnown, offset };
  }

  private balances({ charge, paid }: Written): boolean {
    return this.isKnown && lineDifference({ charge, paid, adjustments: this.adjustments }) === 0n;
  }

  private lineOf({ code, charge, paid, units }: Written): ServiceLine {
    const { index, servedOn, controlNumber, adjustments, remarks } = this;
    const [qualifier, procedure] = code.length > 1 ? [code[0] || null, code[1]!] : [null, code[0] ?? ''];
    const modifiers = code.slice(2, 2 + MODIFIERS).filter((modifier) => modifier !== '');
    return {
      ...{ index, qualifier, procedure, modifiers, charge, paid, units },
      ...{ servedOn, controlNumber, adjustments, remarks, balanced: true },
    };
  }

  private paidAndUnits(svc: Segment): Pick<Written, 'paid' | 'units'> {
    return { paid: svc.at(3) === '' ? 0n : this.amount(svc, 3), units: svc.textAt(5) };
  }

  private amount(segment: Segment, n: number): bigint {
    if (typeof segment.minorAt(n, this.claim.exponent) !== 'bigint') this.isKnown = false;
    return this.claim.amount(segment, n, this.index);
  }

  private movedBy(svc: Segment, qualifier: string): Written | null {
    const charge = svc.minorAt(3, this.claim.exponent);
    const paid = svc.minorAt(4, this.claim.exponent);
    if (typeof charge !== 'bigint' || typeof paid !== 'bigint') return null;
    return { code: [qualifier, svc.at(2)], charge, paid, units: svc.textAt(6) };
  }
}

interface Written {
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
    if (typeof cas.minorAt(n + 1, claim.exponent) !== 'bigint') known = false;
    into.push({ group, reason, amount: claim.amount(cas, n + 1, line), quantity: cas.textAt(n + 2) });
  }
  return known;
}
