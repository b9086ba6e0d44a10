import type { CalendarDate } from './calendar.ts';
import { addDays } from './calendar.ts';
import type { Rate } from './rate.ts';
import { partOf, percent, whole } from './rate.ts';
import type { CancellationMethod } from './return-premium.ts';

export type RefundReason = 'cooling_off' | 'insured_request' | 'insurer';

/** When return premium must be paid and what it may not fall below: a row of dated data, never code. */
export interface RefundRule {
  readonly jurisdiction: string;
  /** Null: every line of the jurisdiction. */
  readonly line: string | null;
  readonly reason: RefundReason;
  readonly methods: readonly CancellationMethod[];
  /** Calendar days, which do not roll where they end on a weekend. */
  readonly dueDays: number;
  readonly countFrom: 'effective' | 'request' | 'later_of_both';
  /** The part of unearned premium that is given back at the least. */
  readonly returnedAtLeast: Rate;
  /** What is owed on top for a late refund, as a part of unearned premium; null: nothing. */
  readonly latePart: Rate | null;
  readonly effectiveFrom: CalendarDate;
  readonly effectiveTo: CalendarDate | null;
  readonly citation: string;
  /** Who checked the row against the law; null: nobody yet, an example. */
  readonly reviewedBy: string | null;
}

export interface RefundCase {
  readonly jurisdiction: string;
  readonly line: string | null;
  readonly reason: RefundReason;
  readonly effectiveOn: CalendarDate;
  readonly requestedOn: CalendarDate;
}

/** The rule in force on the day the cancellation takes effect; one for the line goes before one for all lines. */
export function findRefundRule(rules: readonly RefundRule[], of: RefundCase): RefundRule | null {
  const fitting = rules.filter(
    (rule) =>
      rule.jurisdiction === of.jurisdiction &&
      rule.reason === of.reason &&
      (rule.line === null || rule.line === of.line) &&
      rule.effectiveFrom <= of.effectiveOn &&
      (rule.effectiveTo === null || of.effectiveOn < rule.effectiveTo),
  );
  return fitting.find(({ line }) => line !== null) ?? fitting[0] ?? null;
}

export function refundDueOn(rule: RefundRule, { effectiveOn, requestedOn }: RefundCase): CalendarDate {
  const later = effectiveOn > requestedOn ? effectiveOn : requestedOn;
  const from = { effective: effectiveOn, request: requestedOn, later_of_both: later }[rule.countFrom];
  return addDays(from, rule.dueDays);
}

/** What a refund of that much unearned premium may not fall below, and what lateness adds to it. */
export function refundBounds(rule: RefundRule, unearnedMinor: bigint): { leastMinor: bigint; lateMinor: bigint } {
  return {
    leastMinor: partOf(unearnedMinor, rule.returnedAtLeast),
    lateMinor: rule.latePart === null ? 0n : partOf(unearnedMinor, rule.latePart),
  };
}

const since = { effectiveFrom: '2000-01-01', effectiveTo: null, reviewedBy: null };
const motor = { jurisdiction: 'US-FL', line: 'motor', citation: 'Fla. Stat. 627.7283' };
/** Examples, not legal advice: no row here was checked by counsel. */
export const exampleRefundRules: readonly RefundRule[] = [
  {
    ...since,
    jurisdiction: 'GB',
    line: null,
    citation: 'FCA ICOBS 7.2',
    reason: 'cooling_off',
    methods: ['pro_rata'],
    dueDays: 30,
    countFrom: 'request',
    returnedAtLeast: whole,
    latePart: null,
  },
  {
    ...since,
    ...motor,
    reason: 'insured_request',
    methods: ['pro_rata', 'short_rate_90'],
    dueDays: 30,
    countFrom: 'later_of_both',
    returnedAtLeast: percent(90),
    latePart: percent(8),
  },
  {
    ...since,
    ...motor,
    reason: 'insurer',
    methods: ['pro_rata'],
    dueDays: 15,
    countFrom: 'effective',
    returnedAtLeast: whole,
    latePart: percent(8),
  },
];
