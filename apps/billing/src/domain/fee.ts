import { addDays } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { isInScope, mostParticular } from './delinquency-rule.ts';
import type { Circumstance, Scope } from './delinquency-rule.ts';

export const feeTypes = ['nsf_fee', 'late_fee', 'reinstatement_fee'] as const;
export type FeeType = (typeof feeTypes)[number];

/**
 * What may be charged for trouble, by dated rows as the notices: none where there is no row. A fixed amount, a part of
 * what is late, or both, and never more than the cap.
 */
export interface FeeRule extends Scope {
  readonly id: string;
  readonly type: FeeType;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** Hundredths of a per cent of what is late or was returned. */
  readonly basisPoints: number;
  readonly capMinor: bigint | null;
  /** A late fee is not before this many days after the due date. */
  readonly afterDays: number;
  readonly citation: string | null;
}

export interface FeeQuestion extends Circumstance {
  readonly type: FeeType;
  readonly currency: string;
}

export function feeRuleInForce(rules: readonly FeeRule[], question: FeeQuestion): FeeRule | null {
  const { type, currency } = question;
  return mostParticular(
    rules.filter((rule) => rule.type === type && rule.currency === currency && isInScope(rule, question)),
  );
}

/** Half a minor unit counts as one. */
export function feeOn(rule: FeeRule | null, baseMinor: bigint): bigint {
  if (!rule) return 0n;
  const part = (baseMinor * BigInt(rule.basisPoints) + 5_000n) / 10_000n;
  const fee = rule.amountMinor + part;
  return rule.capMinor !== null && fee > rule.capMinor ? rule.capMinor : fee;
}

/** The first date on which a late fee may be charged; `since` is later than the due date where a hold has ended. */
export function lateFeeOn(since: CalendarDate, { afterDays }: Pick<FeeRule, 'afterDays'>): CalendarDate {
  return addDays(since, afterDays + 1);
}
