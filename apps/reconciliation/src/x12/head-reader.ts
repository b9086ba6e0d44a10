import { exponentOf, isCurrency } from '@quittance/money/currency';
import { dateProblem } from './faults.ts';
import type { Faults } from './faults.ts';
import type { Party, Remittance } from './remittance.ts';
import type { Segment } from './segment.ts';
import { readMinor } from './values.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };
export type HeadFields = Pick<
  Remittance,
  | ('handling' | 'method' | 'amount' | 'currency' | 'paidOn' | 'producedOn')
  | ('traceNumber' | 'originator' | 'payer' | 'payee')
>;

/** The fixed point of a payment as X12 says it: BPR, TRN, CUR and the two parties. An 820 has the same. */
export class HeadReader {
  /** Whether BPR02 could be read; without it nothing can be judged. */
  amountIsKnown = false;
  private bpr: { amount: string; debit: boolean; offset: number } | null = null;
  private traced = false;
  private readonly fields: Draft<HeadFields>;
  private readonly payer = party();
  private readonly payee = party();
  private party: Draft<Party> | null = null;

  constructor(private readonly faults: Faults) {
    this.fields = {
      ...{ handling: '', method: '', amount: 0n, currency: 'USD', paidOn: null, producedOn: null },
      ...{ traceNumber: '', originator: '', payer: this.payer, payee: this.payee },
    };
  }

  /** False when it is no segment of a head. */
  read(segment: Segment): boolean {
    switch (segment.id) {
      case 'BPR':
        this.readPayment(segment);
        break;
      case 'TRN':
        if (!this.traced) this.readTrace(segment);
        break;
      case 'CUR':
        if (isCurrency(segment.at(2))) this.fields.currency = segment.at(2);
        else this.faults.block('syntax', `CUR02 at byte ${segment.offset} is no ISO 4217 currency.`);
        break;
      case 'DTM':
        if (segment.at(1) === '405') this.fields.producedOn = this.date(segment, 2);
        break;
      case 'N1':
        this.readParty(segment);
        break;
      case 'REF':
        if (segment.at(1) === 'TJ' && this.party === this.payee) this.payee.taxId = segment.textAt(2);
        break;
      default:
        return OTHERS.has(segment.id);
    }
    return true;
  }

  /** When all of the head is there: only now the decimals of BPR02 are known. */
  end(st: { readonly offset: number }, cut: boolean): HeadFields {
    if (cut && !this.bpr) return this.fields;
    if (!this.traced && !cut) this.faults.block('syntax', `The set at byte ${st.offset} has no TRN.`);
    if (!this.bpr) {
      this.faults.block('syntax', `The set at byte ${st.offset} has no BPR.`);
      return this.fields;
    }
    const { amount: text, debit, offset } = this.bpr;
    const { currency } = this.fields;
    const minor = readMinor(text, { start: 0, end: text.length, exponent: exponentOf(currency) });
    this.amountIsKnown = typeof minor === 'bigint';
    if (typeof minor === 'bigint') this.fields.amount = debit ? -minor : minor;
    else this.faults.block('syntax', `BPR02 at byte ${offset} is no amount with at most the decimals of the currency.`);
    return this.fields;
  }

  private readPayment(bpr: Segment): void {
    const { offset } = bpr;
    if (this.bpr) this.faults.block('syntax', `BPR at byte ${offset} is the second one of its set.`);
    this.bpr = { amount: bpr.at(2), debit: bpr.at(3) === 'D', offset };
    if (bpr.at(3) !== 'C' && bpr.at(3) !== 'D') {
      this.faults.warn('syntax', `BPR03 at byte ${offset} is neither C nor D; read as C.`);
    }
    this.fields.handling = bpr.at(1);
    this.fields.method = bpr.at(4);
    this.fields.paidOn = this.date(bpr, 16);
  }

  private readTrace(trn: Segment): void {
    this.traced = trn.at(2) !== '';
    this.fields.traceNumber = trn.textAt(2) ?? '';
    this.fields.originator = trn.textAt(3) ?? '';
  }

  private readParty(n1: Segment): void {
    this.party = n1.at(1) === 'PR' ? this.payer : n1.at(1) === 'PE' ? this.payee : null;
    if (!this.party) return;
    this.party.name = n1.textAt(2);
    this.party.idQualifier = n1.textAt(3);
    this.party.id = n1.textAt(4);
  }

  private date(segment: Segment, n: number): string | null {
    const date = segment.dateAt(n);
    if (date === null) this.faults.warn('syntax', dateProblem(segment, n));
    return date ?? null;
  }
}

const party = (): Draft<Party> => ({ name: null, idQualifier: null, id: null, taxId: null });

/** They may stand in a head, and say nothing that is kept. */
const OTHERS = new Set(['N2', 'N3', 'N4', 'PER', 'RDM', 'NTE']);
