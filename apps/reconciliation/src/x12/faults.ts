import type { Fault, FaultCode } from './remittance.ts';
import type { Segment } from './segment.ts';

/** Between two places where they are taken, which is a portion of claims, or what stands between two sets. */
const FAULTS_MAX = 50_000;

/** Where a fault belongs: to a claim, or to a line of one; else to the whole remittance. */
export interface Place {
  readonly claim?: number;
  readonly line?: number;
}

/** Collects what is wrong. Details name segments, elements and bytes, never what stands in them: that may be a name. */
export class Faults {
  private found: Fault[] = [];

  /** Whether so much is wrong that telling it would fill the memory: then it is no file of this kind. */
  get areTooMany(): boolean {
    return this.found.length > FAULTS_MAX;
  }

  /** What holds the remittance or the claim. */
  block(code: FaultCode, detail: string, place: Place = {}): void {
    this.found.push({ code, blocking: true, ...place, detail });
  }

  warn(code: FaultCode, detail: string, place: Place = {}): void {
    this.found.push({ code, blocking: false, ...place, detail });
  }

  /** Those since the last time. */
  take(): Fault[] {
    const taken = this.found;
    this.found = [];
    return taken;
  }
}

const element = (segment: Segment, n: number) => `${segment.id}${String(n).padStart(2, '0')} at byte ${segment.offset}`;

export const amountProblem = (segment: Segment, n: number): string =>
  `${element(segment, n)} is no amount with at most the decimals of the currency.`;

export const dateProblem = (segment: Segment, n: number): string => `${element(segment, n)} is no day (CCYYMMDD).`;
