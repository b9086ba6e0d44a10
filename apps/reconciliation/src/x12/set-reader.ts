import { exponentOf } from '@quittance/money/currency';
import { judgeTransaction } from './balance.ts';
import { ClaimReader } from './claim-reader.ts';
import { amountProblem, dateProblem } from './faults.ts';
import type { Faults } from './faults.ts';
import { HeadReader } from './head-reader.ts';
import type { HeadFields } from './head-reader.ts';
import type { Claim, ProviderAdjustment } from './remittance.ts';
import type { Segment } from './segment.ts';

const CLAIM = new Set(['CAS', 'NM1', 'MIA', 'MOA', 'REF', 'DTM', 'PER', 'AMT', 'QTY', 'SVC', 'LQ']);

/** Far more than a provider has. */
const PROVIDER_ADJUSTMENTS_MAX = 100_000;

/** Reads one ST 835 up to its SE: head, claims, PLB; and judges it. */
export class SetReader {
  head: HeadFields | null = null;
  claims: Claim[] = [];
  /** What `claims` takes, in rows. */
  weight = 0;
  segments = 1;
  readonly providerAdjustments: ProviderAdjustment[] = [];
  readonly offset: number;
  readonly control: string;
  balanced = false;
  /** Segments that an 835 does not have, since the last that it has. */
  foreignInARow = 0;
  private foreign = 0;
  private firstForeign = 0;
  private readonly headReader: HeadReader;
  private exponent = 2;
  private claim: ClaimReader | null = null;
  private claimCount = 0;
  private readonly totals = { paid: 0n, adjusted: 0n, unexplained: 0n };
  private isKnown = true;

  constructor(
    st: Segment,
    private readonly faults: Faults,
  ) {
    this.offset = st.offset;
    this.control = st.at(2);
    this.headReader = new HeadReader(faults);
  }

  /** Whether a part of it that has to fit into memory does not. */
  get isFull(): boolean {
    return (this.claim?.isFull ?? false) || this.providerAdjustments.length > PROVIDER_ADJUSTMENTS_MAX;
  }

  read(segment: Segment): void {
    this.segments++;
    if (this.head === null) {
      if (this.headReader.read(segment)) return;
      this.endHead();
    }
    const foreign = this.foreign;
    switch (segment.id) {
      case 'CLP':
        this.endClaim();
        this.claim = new ClaimReader(segment, this.claimCount++, this.exponent, this.faults);
        break;
      case 'LX':
        this.endClaim();
        break;
      case 'PLB':
        this.endClaim();
        this.readProviderAdjustments(segment);
        break;
      case 'TS3':
      case 'TS2':
        break;
      case 'BPR':
      case 'CUR':
        this.isKnown = false;
        this.faults.block('syntax', `${segment.id} at byte ${segment.offset} stands behind the head of its set.`);
        break;
      default:
        this.readOfClaim(segment);
    }
    this.foreignInARow = this.foreign > foreign ? this.foreignInARow + 1 : 0;
  }

  /** At SE, or where the set stops without one. `cut`: the file ended, so nothing is known of what is missing. */
  end(cut: boolean): void {
    if (this.head === null) this.endHead(cut);
    this.endClaim(cut);
    if (this.foreign > 0) {
      const what = `${this.foreign} segments that an 835 does not have were passed over`;
      this.faults.warn('syntax', `${what}, the first at byte ${this.firstForeign}.`);
    }
    if (cut || !this.isKnown || !this.headReader.amountIsKnown) return;
    const { difference, unexplained } = judgeTransaction({ amount: this.head!.amount, ...this.totals });
    this.balanced = difference === 0n;
    if (unexplained === 0n) return;
    const detail = `The set at byte ${this.offset}: BPR02 is not the sum of CLP04 less that of PLB; it is off by`;
    this.faults.block('remit_unbalanced', `${detail} ${unexplained} minor units.`);
  }

  /** The claims since the last time. */
  takeClaims(): Claim[] {
    const { claims } = this;
    this.claims = [];
    this.weight = 0;
    return claims;
  }

  private readOfClaim(segment: Segment): void {
    if (this.claim?.read(segment)) return;
    if (!CLAIM.has(segment.id)) {
      if (this.foreign === 0) this.firstForeign = segment.offset;
      this.foreign++;
    } else if (segment.id === 'SVC' || segment.id === 'CAS') {
      this.isKnown = false;
      this.faults.block('syntax', `${segment.id} at byte ${segment.offset} stands outside of a claim.`);
    }
  }

  private endHead(cut = false): void {
    this.head = this.headReader.end(this, cut);
    this.exponent = exponentOf(this.head.currency);
  }

  private endClaim(cut = false): void {
    if (!this.claim) return;
    const { claim, unexplained } = this.claim.end(cut);
    if (!this.claim.paidIsKnown) this.isKnown = false;
    this.weight += this.claim.weight;
    this.claim = null;
    this.claims.push(claim);
    this.totals.paid += claim.paid;
    this.totals.unexplained += unexplained;
  }

  private readProviderAdjustments(plb: Segment): void {
    const fiscalOn = plb.dateAt(2);
    if (fiscalOn === null) this.faults.warn('syntax', dateProblem(plb, 2));
    for (let n = 3; n <= plb.elements; n += 2) {
      if (plb.at(n) === '' && plb.at(n + 1) === '') continue;
      const amount = plb.minorAt(n + 1, this.exponent);
      if (typeof amount !== 'bigint') {
        this.isKnown = false;
        this.faults.block('syntax', amountProblem(plb, n + 1));
        continue;
      }
      const [reason = '', reference = ''] = plb.componentsAt(n);
      this.totals.adjusted += amount;
      this.providerAdjustments.push({
        ...{ providerId: plb.at(1), fiscalOn: fiscalOn ?? null },
        ...{ reason, reference: reference === '' ? null : reference, amount },
      });
    }
  }
}
