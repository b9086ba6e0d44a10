import type { CalendarDate } from './calendar.ts';
import type { Charge } from './charge.ts';
import type { Rate } from './rate.ts';
import { partOf } from './rate.ts';

/** When a producer has earned the commission on a premium: once it is charged, once it is billed, once it is paid. */
export const commissionEarnings = ['on_issue', 'on_billing', 'on_payment'] as const;
export type CommissionEarning = (typeof commissionEarnings)[number];

/** What of a policy commission is paid on. Taxes and fees are collected for others, or for work. */
export const commissionBases = ['premium'] as const;
export type CommissionBasis = (typeof commissionBases)[number];

/** What is agreed with a producer, for terms that start on a date or later, until the next agreement's date. */
export interface AgreementTerms {
  readonly producerId: string;
  readonly rate: Rate;
  readonly basis: CommissionBasis;
  readonly earn: CommissionEarning;
  readonly effectiveFrom: CalendarDate;
}

export interface CommissionAgreement extends AgreementTerms {
  readonly tenantId: string;
  readonly id: string;
  readonly createdAt: Date;
}

/**
 * reserved     the premium was charged: more will be earned
 * earned       the producer has a claim to it; negative where premium it was earned on was taken back
 * paid         it was paid out
 * clawed_back  premium was returned: less will be earned, always negative
 */
export const commissionEntryStates = ['reserved', 'earned', 'paid', 'clawed_back'] as const;
export type CommissionEntryState = (typeof commissionEntryStates)[number];

/** The commission of one term of a policy. Its rate is that of the agreement in force when the term was opened. */
export interface Commission {
  readonly tenantId: string;
  readonly id: string;
  readonly producerId: string;
  readonly policyLocator: string;
  readonly termNumber: number;
  readonly agreementId: string;
  readonly rate: Rate;
  readonly earn: CommissionEarning;
  readonly currency: string;
  /** The premium of the term, and the part of it on which commission is earned. */
  readonly basisMinor: bigint;
  readonly earnedBasisMinor: bigint;
  /** Where the commission is: not yet earned, earned and not yet paid, paid. Together it is rate × basis. */
  readonly reservedMinor: bigint;
  readonly earnedMinor: bigint;
  readonly paidMinor: bigint;
  readonly version: number;
}

/** One entry of the producer's account, and the commission as it is with it. */
export interface CommissionMove {
  readonly state: CommissionEntryState;
  readonly amountMinor: bigint;
  readonly after: Commission;
}

export interface CommissionBasisNow {
  readonly basisMinor: bigint;
  readonly earnedBasisMinor: bigint;
}

export function isCommissionable({ category }: Pick<Charge, 'category'>): boolean {
  return category === 'premium';
}

/**
 * The entries that bring a commission up to its premium as it is now. Each is the difference of what is due to date,
 * rounded once: twelve payments rounded on their own would earn 13.56 of 13.50 (S-115).
 */
export function followBasis(
  commission: Commission,
  now: CommissionBasisNow,
): { next: Commission; moves: CommissionMove[] } {
  const { rate, reservedMinor, earnedMinor, paidMinor } = commission;
  const charged = partOf(now.basisMinor, rate) - (reservedMinor + earnedMinor + paidMinor);
  const earned = partOf(now.earnedBasisMinor, rate) - (earnedMinor + paidMinor);
  const charging = move(commission, charged > 0n ? 'reserved' : 'clawed_back', charged);
  const earning = move(charging.after, 'earned', earned);
  return {
    next: { ...earning.after, ...now },
    moves: [
      { ...charging, after: { ...charging.after, basisMinor: now.basisMinor } },
      { ...earning, after: { ...earning.after, ...now } },
    ].filter(({ amountMinor }) => amountMinor !== 0n),
  };
}

/** All that is earned is paid; null where there is nothing. A negative rest is taken off what is paid for others. */
export function payCommission(commission: Commission): CommissionMove | null {
  return commission.earnedMinor === 0n ? null : move(commission, 'paid', commission.earnedMinor);
}

function move(of: Commission, state: CommissionEntryState, amountMinor: bigint): CommissionMove {
  if (amountMinor === 0n) return { state, amountMinor, after: of };
  const after = { ...of, version: of.version + 1 };
  switch (state) {
    case 'reserved':
    case 'clawed_back':
      return { state, amountMinor, after: { ...after, reservedMinor: of.reservedMinor + amountMinor } };
    case 'earned':
      return {
        state,
        amountMinor,
        after: {
          ...after,
          reservedMinor: of.reservedMinor - amountMinor,
          earnedMinor: of.earnedMinor + amountMinor,
        },
      };
    case 'paid':
      return {
        state,
        amountMinor,
        after: { ...after, earnedMinor: of.earnedMinor - amountMinor, paidMinor: of.paidMinor + amountMinor },
      };
  }
}

/** What an agency that collects premium remits: all it was charged, less its commission. */
export interface NetDue {
  readonly grossMinor: bigint;
  readonly commissionMinor: bigint;
  readonly netMinor: bigint;
}

export function netDueOf(charges: readonly Pick<Charge, 'category' | 'amountMinor'>[], rate: Rate): NetDue {
  const sum = (of: readonly Pick<Charge, 'amountMinor'>[]) => of.reduce((total, each) => total + each.amountMinor, 0n);
  const grossMinor = sum(charges);
  const commissionMinor = partOf(sum(charges.filter(isCommissionable)), rate);
  return { grossMinor, commissionMinor, netMinor: grossMinor - commissionMinor };
}
