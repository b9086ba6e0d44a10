import type { CalendarDate } from './calendar.ts';
import { addDays } from './calendar.ts';
import { fitting } from './delinquency-rule.ts';
import type { Scope, Tenured } from './delinquency-rule.ts';
import { DomainError } from './errors.ts';
import type { Rate } from './rate.ts';
import { partOf } from './rate.ts';
import type { CancellationMethod, ReturnPremium } from './return-premium.ts';
import type { ShortRateTable } from './short-rate-table.ts';
import type { CancellationReason, CancellationRequest } from './transaction.ts';

export const refundCounts = ['effective', 'request', 'later_of_both'] as const;
export type RefundCount = (typeof refundCounts)[number];

/**
 * How premium is given back, until when, and what it may not fall below: a row of dated data, never code, and never
 * edited. Tenure counts from the start of the policy: a cooling-off is a row for its first days.
 */
export interface ReturnRule extends Scope, Tenured<CancellationReason> {
  readonly id: string;
  /** That may be used; none: all. */
  readonly methods: readonly CancellationMethod[];
  /** Calendar days, which do not roll where they end on a weekend. */
  readonly dueDays: number;
  readonly countFrom: RefundCount;
  /** The part of unearned premium that is given back at the least. */
  readonly returnedAtLeast: Rate;
  /** What is owed on top for a late refund, as a part of unearned premium; null: nothing. */
  readonly latePart: Rate | null;
  /** Whether a flat cancellation gives fully earned fees back, too. */
  readonly returnsFeesOnFlat: boolean;
  /** Null: the one that is shipped as an example. */
  readonly shortRateTable: ShortRateTable | null;
  readonly citation: string;
  /** Who has read the law. */
  readonly reviewedBy: string;
}

export interface ReturnCase {
  readonly jurisdiction: string | null;
  readonly line: string | null;
  readonly reason: CancellationReason;
  readonly policySince: CalendarDate;
  readonly effectiveOn: CalendarDate;
}

/** The rule in force on the day the cancellation takes effect. */
export function returnRuleInForce(rules: readonly ReturnRule[], of: ReturnCase): ReturnRule | null {
  return fitting(rules, { ...of, on: of.effectiveOn });
}

export function refundDueOn(
  { countFrom, dueDays }: Pick<ReturnRule, 'countFrom' | 'dueDays'>,
  { effectiveOn, requestedOn }: { readonly effectiveOn: CalendarDate; readonly requestedOn: CalendarDate },
): CalendarDate {
  const later = effectiveOn > requestedOn ? effectiveOn : requestedOn;
  const from = { effective: effectiveOn, request: requestedOn, later_of_both: later }[countFrom];
  return addDays(from, dueDays);
}

type Bounds = Pick<ReturnRule, 'returnedAtLeast' | 'latePart'>;

/** What a refund of that much unearned premium may not fall below, and what lateness adds to it. */
export function refundBounds(rule: Bounds, unearnedMinor: bigint): { leastMinor: bigint; lateMinor: bigint } {
  return {
    leastMinor: partOf(unearnedMinor, rule.returnedAtLeast),
    lateMinor: rule.latePart === null ? 0n : partOf(unearnedMinor, rule.latePart),
  };
}

/** @throws DomainError `invalid_transaction` for a return that the rule does not allow */
export function checkReturn(
  rule: ReturnRule,
  { method, minimumEarnedRate }: Pick<CancellationRequest, 'method' | 'minimumEarnedRate'>,
  { returnedMinor, penaltyMinor, charges }: ReturnPremium,
): void {
  const refused = (pointer: string, detail: string) =>
    new DomainError('invalid_transaction', `That is not what ${rule.citation} allows.`, {
      errors: [{ pointer, detail }],
    });
  if (rule.methods.length > 0 && !rule.methods.includes(method)) {
    throw refused('/method', `must be ${rule.methods.join(' or ')}`);
  }
  const { leastMinor } = refundBounds(rule, returnedMinor + penaltyMinor);
  // Each charge is rounded on its own.
  if (returnedMinor + BigInt(charges.length) >= leastMinor) return;
  throw refused(minimumEarnedRate === null ? '/method' : '/minimumEarnedRate', 'gives back less than the least');
}
