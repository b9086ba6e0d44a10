// What an 835 is in a provider's books; reconciliation.md 4.4.
import { negate } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import type { Role } from './chart.ts';
import type { JournalLine } from './entry.ts';
import { line, notZero } from './lines.ts';

/** What of a claim and of an adjustment of the provider the books want to know. */
interface Adjusted {
  readonly adjustments: readonly { readonly group: string; readonly amount: bigint }[];
}
export interface PaidClaim extends Adjusted {
  readonly status: string;
  readonly charge: bigint;
  readonly paid: bigint;
  readonly lines: readonly Adjusted[];
}
export interface PaidLess {
  readonly reason: string;
  readonly amount: bigint;
}

export const REVERSAL = '22';
export const PREDETERMINATION = '25';

/** Of a whole remittance, in minor units. A positive provider adjustment takes from what is paid. */
export interface RemittanceSums {
  readonly paid: bigint;
  readonly charge: bigint;
  readonly patient: bigint;
  readonly contractual: bigint;
  /** Paid for claims that say it wrongly, or take back what was never told: a person finds out what it is. */
  readonly unidentified: bigint;
  readonly recouped: bigint;
  readonly interest: bigint;
  readonly otherAdjusted: bigint;
}

export const noSums: RemittanceSums = {
  ...{ paid: 0n, charge: 0n, patient: 0n, contractual: 0n },
  ...{ unidentified: 0n, recouped: 0n, interest: 0n, otherAdjusted: 0n },
};

/** @param isSound its amounts add up, and what it takes back is known */
export function withClaim(sums: RemittanceSums, claim: PaidClaim, isSound: boolean): RemittanceSums {
  const paid = sums.paid + claim.paid;
  if (!isSound) return { ...sums, paid, unidentified: sums.unidentified + claim.paid };
  if (claim.status === PREDETERMINATION) return sums;
  const all = [...claim.adjustments, ...claim.lines.flatMap(({ adjustments }) => adjustments)];
  const of = (isPatient: boolean) =>
    all.reduce((sum, { group, amount }) => ((group === 'PR') === isPatient ? sum + amount : sum), 0n);
  return {
    ...{ ...sums, paid, charge: sums.charge + claim.charge },
    ...{ patient: sums.patient + of(true), contractual: sums.contractual + of(false) },
  };
}

const recoupments = new Set(['WO', 'FB', '72']);

export function withAdjustments(sums: RemittanceSums, adjustments: readonly PaidLess[]): RemittanceSums {
  const of = (fits: (reason: string) => boolean) =>
    adjustments.reduce((sum, { reason, amount }) => (fits(reason) ? sum + amount : sum), 0n);
  return {
    ...sums,
    recouped: of((reason) => recoupments.has(reason)),
    interest: of((reason) => reason === 'L6'),
    otherAdjusted: of((reason) => reason !== 'L6' && !recoupments.has(reason)),
  };
}

/**
 * Dr 1130 what is to come, 1240 what the patient owes, 4210 what was agreed away, Cr 1230 what was charged. Of
 * adjustments of the provider Dr 2400 what is taken back now, Dr 4300 less interest; 2110 what nobody can place.
 */
export function remittancePosted(sums: RemittanceSums, currency: string): JournalLine[] {
  const of = (minor: bigint): Money => ({ minor, currency });
  const cash = sums.paid - sums.recouped - sums.interest - sums.otherAdjusted;
  const lines: [Role, bigint][] = [
    ['era_clearing', cash],
    ['patient_receivable', sums.patient],
    ['contractual_adjustments', sums.contractual + sums.otherAdjusted],
    ['payer_recoupment', sums.recouped],
    ['interest_income', sums.interest],
    ['claim_receivable', -sums.charge],
    ['unidentified_receipts', -sums.unidentified],
  ];
  return notZero(lines.map(([role, minor]) => line(role, of(minor), {})));
}

/** What a provider charged: Dr 1230, Cr 4200. */
export function claimCharged(amount: Money): JournalLine[] {
  return [line('claim_receivable', amount, {}), line('service_revenue', negate(amount), {})];
}

/** The money of an 835 at the bank: Dr 1010, Cr 1130. */
export function remittanceDeposited(amount: Money): JournalLine[] {
  return [line('operating_cash', amount, {}), line('era_clearing', negate(amount), {})];
}
