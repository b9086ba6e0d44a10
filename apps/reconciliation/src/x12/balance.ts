import type { Adjustment, Claim, ServiceLine } from './remittance.ts';

export function sumOf(adjustments: readonly Adjustment[]): bigint {
  let sum = 0n;
  for (const { amount } of adjustments) sum += amount;
  return sum;
}

/** Zero when SVC02 - CAS = SVC03. */
export const lineDifference = (line: Pick<ServiceLine, 'charge' | 'paid' | 'adjustments'>): bigint =>
  line.charge - sumOf(line.adjustments) - line.paid;

/** What is wrong with a claim. Zero is right. */
export interface ClaimVerdict {
  /** CLP03 - CAS of the claim - CAS of its lines - CLP04. */
  readonly difference: bigint;
  /** The part of it that no line explains: what is said of the claim itself. */
  readonly unexplained: bigint;
}

/**
 * One wrong amount is said once, where it stands. A wrong CAS of a line breaks the line and the claim by the same
 * difference, so the line is named; a claim is named when its difference is not that of its lines.
 */
export function judgeClaim(claim: Pick<Claim, 'charge' | 'paid' | 'adjustments' | 'lines'>): ClaimVerdict {
  let difference = claim.charge - sumOf(claim.adjustments) - claim.paid;
  let ofLines = 0n;
  for (const line of claim.lines) {
    difference -= sumOf(line.adjustments);
    if (!line.balanced) ofLines += lineDifference(line);
  }
  return { difference, unexplained: difference === 0n || difference === ofLines ? 0n : difference };
}

/**
 * What an otherwise sound claim should say too: its lines add up to its charge, and CLP05 is what CAS leaves to the
 * patient. Many payers do not keep to it, so it holds nothing.
 */
export function oddities(claim: Claim): string[] {
  const odd: string[] = [];
  let charges = 0n;
  let patient = ofPatient(claim.adjustments);
  for (const line of claim.lines) {
    charges += line.charge;
    patient += ofPatient(line.adjustments);
  }
  if (claim.lines.length > 0 && charges !== claim.charge) odd.push('the sum of SVC02 is not CLP03');
  if (claim.patientResponsibility !== 0n && claim.patientResponsibility !== patient) {
    odd.push('CLP05 is not the sum of the adjustments of group PR');
  }
  if (claim.status === '22' && claim.charge > 0n) odd.push('it is a reversal, and CLP03 is not negated');
  return odd;
}

function ofPatient(adjustments: readonly Adjustment[]): bigint {
  let sum = 0n;
  for (const { group, amount } of adjustments) if (group === 'PR') sum += amount;
  return sum;
}

/** Sums of one ST: BPR02 = paid - adjusted, because a positive PLB reduces the payment. */
export interface Totals {
  readonly amount: bigint;
  /** CLP04 of all claims, and PLB. */
  readonly paid: bigint;
  readonly adjusted: bigint;
  /** What claims are off by that are named for it. */
  readonly unexplained: bigint;
}

/** `difference` is zero when the transaction balances; `unexplained` when the claims that are named explain it. */
export function judgeTransaction({ amount, paid, adjusted, unexplained }: Totals): ClaimVerdict {
  const difference = amount - (paid - adjusted);
  return { difference, unexplained: difference === 0n || difference === unexplained ? 0n : difference };
}
