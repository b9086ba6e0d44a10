import { judgeClaim, lineDifference, oddities } from './balance.ts';
import { amountProblem, dateProblem } from './faults.ts';
import type { Faults } from './faults.ts';
import { LineReader, readAdjustments } from './line-reader.ts';
import type { Adjustment, Claim, ServiceLine } from './remittance.ts';
import type { Segment } from './segment.ts';

/** Far more than the 999 lines that a claim may have make; a claim has to fit into memory. */
const SEGMENTS_MAX = 20_000;

/** Reads loop 2100, from its CLP, and the lines in it. */
export class ClaimReader {
  /** Whether a figure could not be read, or the file ended within: what is not known is not judged. */
  private unread = false;
  private readonly patient = { name: null as string | null, memberId: null as string | null };
  private from: string | null = null;
  private to: string | null = null;
  private readonly adjustments: Adjustment[] = [];
  private readonly lines: ServiceLine[] = [];
  private readonly remarks: string[] = [];
  private readonly line = new LineReader(this);
  private inLine = false;
  private segments = 1;
  private readonly offset: number;
  private readonly patientControlNumber: string;
  private readonly status: string;
  private readonly charge: bigint;
  private readonly paid: bigint;
  private readonly patientResponsibility: bigint;
  private readonly filing: string | null;
  private readonly payerControlNumber: string | null;
  /** Whether CLP04 was read: without it the transaction cannot be judged either. */
  readonly paidIsKnown: boolean;

  constructor(
    clp: Segment,
    readonly index: number,
    readonly exponent: number,
    readonly faults: Faults,
  ) {
    this.offset = clp.offset;
    this.patientControlNumber = clp.textAt(1) ?? '';
    this.status = clp.at(2);
    this.charge = this.amount(clp, 3) ?? 0n;
    const paid = this.amount(clp, 4);
    this.paidIsKnown = paid !== null;
    this.paid = paid ?? 0n;
    this.patientResponsibility = clp.at(5) === '' ? 0n : (this.amount(clp, 5) ?? 0n);
    this.filing = clp.textAt(6);
    this.payerControlNumber = clp.textAt(7);
  }

  /** How much memory it takes, in rows. */
  get weight(): number {
    return 1 + this.lines.length;
  }

  get isFull(): boolean {
    return this.segments > SEGMENTS_MAX;
  }

  /** False when it is no segment of a claim. */
  read(segment: Segment): boolean {
    this.segments++;
    switch (segment.id) {
      case 'SVC':
        this.endLine();
        this.line.start(segment);
        this.inLine = true;
        break;
      case 'CAS':
        if (this.inLine) this.line.adjust(segment);
        else readAdjustments(segment, this.adjustments, this);
        break;
      case 'NM1':
        if (segment.at(1) === 'QC') this.readPatient(segment);
        break;
      case 'MIA':
        for (const n of [5, 20, 21, 22, 23]) this.remark(segment.at(n));
        break;
      case 'MOA':
        for (const n of [3, 4, 5, 6, 7]) this.remark(segment.at(n));
        break;
      case 'DTM':
        if (this.inLine) this.line.date(segment);
        else this.date(segment);
        break;
      case 'REF':
      case 'LQ':
        if (this.inLine) this.line.read(segment);
        break;
      case 'AMT':
      case 'QTY':
      case 'PER':
        break;
      default:
        return false;
    }
    return true;
  }

  /** The claim, judged. `cut`: the file ended in it. */
  end(cut: boolean): { claim: Claim; unexplained: bigint } {
    this.endLine(cut);
    const { index, offset } = this;
    const read = this.asRead();
    if (cut || this.unread) return { claim: { ...read, balanced: false }, unexplained: 0n };
    const { difference, unexplained } = judgeClaim(read);
    const place = { claim: index };
    if (unexplained !== 0n) {
      const detail = `CLP at byte ${offset}: CLP03 - CAS is not CLP04; it is off by ${unexplained} minor units.`;
      this.faults.block('remit_claim_unbalanced', detail, place);
    }
    const balanced = difference === 0n && this.lines.every((line) => line.balanced);
    if (balanced) {
      for (const odd of oddities(read)) this.faults.warn('syntax', `CLP at byte ${offset}: ${odd}.`, place);
    }
    return { claim: balanced ? read : { ...read, balanced }, unexplained };
  }

  /** An amount that must be there; where it is not, a fault is said, the claim is not judged, and it is null. */
  amount(segment: Segment, n: number, line?: number): bigint | null {
    const minor = segment.minorAt(n, this.exponent);
    if (typeof minor === 'bigint') return minor;
    this.unread = true;
    const place = line === undefined ? { claim: this.index } : { claim: this.index, line };
    this.faults.block('syntax', amountProblem(segment, n), place);
    return null;
  }

  private asRead(): Claim {
    return {
      index: this.index,
      offset: this.offset,
      patientControlNumber: this.patientControlNumber,
      status: this.status,
      charge: this.charge,
      paid: this.paid,
      patientResponsibility: this.patientResponsibility,
      filing: this.filing,
      payerControlNumber: this.payerControlNumber,
      patient: this.patient,
      from: this.from,
      to: this.to,
      adjustments: this.adjustments,
      lines: this.lines,
      remarks: this.remarks,
      balanced: true,
    };
  }

  private endLine(cut = false): void {
    if (!this.inLine) return;
    const { line, misplaced, isKnown, offset } = this.line.end();
    this.inLine = false;
    const difference = lineDifference(line);
    const balanced = isKnown && difference === 0n && !misplaced && !cut;
    this.lines.push(balanced ? line : { ...line, balanced });
    if (balanced || !isKnown || cut) return;
    const detail = misplaced
      ? `SVC at byte ${offset}: SVC01 is written as two elements, so SVC02 - CAS is not SVC03 as it stands.`
      : `SVC at byte ${offset}: SVC02 - CAS is not SVC03; it is off by ${difference} minor units.`;
    this.faults.block('remit_service_unbalanced', detail, { claim: this.index, line: line.index });
  }

  private readPatient(nm1: Segment): void {
    const [family, first, middle] = [nm1.textAt(3), nm1.textAt(4), nm1.textAt(5)];
    const given = first !== null && middle !== null ? `${first} ${middle}` : (first ?? middle);
    this.patient.name = family !== null && given !== null ? `${family}, ${given}` : (family ?? given);
    this.patient.memberId = nm1.textAt(9);
  }

  private remark(code: string): void {
    if (code !== '') this.remarks.push(code);
  }

  private date(dtm: Segment): void {
    const kind = dtm.at(1);
    if (kind === '232') this.from = dtm.dateAt(2) ?? null;
    else if (kind === '233') this.to = dtm.dateAt(2) ?? null;
    if (dtm.dateAt(2) === null) this.faults.warn('syntax', dateProblem(dtm, 2), { claim: this.index });
  }
}
