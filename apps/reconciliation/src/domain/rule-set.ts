import { subtract } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import { roundHalfUp } from '@quittance/money/split';
import type { Role } from './chart.ts';

/** Whose books they are: a carrier's, or an agency's, which collects premium that is the carrier's. */
export const ruleSets = ['carrier', 'agency_bill'] as const;
export type RuleSet = (typeof ruleSets)[number];

/** How often premium becomes income: not at all where the policy system keeps these books. */
export const earningCycles = ['off', 'daily', 'monthly'] as const;
export type EarningCycle = (typeof earningCycles)[number];

export const PPM = 1_000_000;

/** How a tenant's facts are booked from now on. */
export interface LedgerSettings {
  readonly ruleSet: RuleSet;
  /**
   * Of an agency: what it keeps of premium, in millionths, where no `commission.*` event says it; 0: they say it.
   */
  readonly commissionPpm: number;
  /** Of a carrier only. */
  readonly earning: EarningCycle;
}

export const defaultLedgerSettings: LedgerSettings = { ruleSet: 'carrier', commissionPpm: 0, earning: 'off' };

/**
 * What premium is when it is billed: the carrier has not earned it yet, Cr 2010. To an agency it is never income: Cr
 * 2020 what it owes to the carrier, Cr 2150 what it may keep once it is paid.
 */
export function premiumCredits(amount: Money, { ruleSet, commissionPpm }: LedgerSettings): [Role, Money][] {
  if (ruleSet === 'carrier') return [['unearned_premium', amount]];
  const { minor, currency } = amount;
  const commission = { minor: roundHalfUp(minor * BigInt(commissionPpm), BigInt(PPM)), currency };
  return [
    ['payable_to_carrier', subtract(amount, commission)],
    ['deferred_commission', commission],
  ];
}

/** Whether an agency's commission is a part of each invoice, and earned as that is paid. */
export function isShared({ ruleSet, commissionPpm }: LedgerSettings): boolean {
  return ruleSet === 'agency_bill' && commissionPpm > 0;
}
