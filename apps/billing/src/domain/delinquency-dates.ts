import { addDays } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { isDelinquencyOpen } from './delinquency.ts';
import type { Delinquency } from './delinquency.ts';
import type { DelinquencyPlan } from './delinquency-plan.ts';
import type { DelinquencyRule } from './delinquency-rule.ts';
import type { HoldView } from './hold.ts';
import type { Policy } from './policy.ts';
import { startOfDay } from './zone.ts';

/** An invoice that is past due. */
export interface PastDue {
  readonly id: string;
  readonly dueOn: CalendarDate;
  readonly balanceMinor: bigint;
  /** The payment that had paid it came back. */
  readonly isReturned: boolean;
  /** No retry will bring the money: its instrument is refused for good. */
  readonly isHopeless: boolean;
  /** A charge of it that was asked for, or will be: nobody can say yet that it is not paid. */
  readonly openAttempt: 'waiting' | 'requested' | null;
}

/** Everything that decides what happens next. */
export interface Situation {
  readonly now: Date;
  readonly today: CalendarDate;
  /** Its dates are those of the term that is not paid; one that was cancelled ends on that day. */
  readonly policy: Pick<
    Policy,
    'timeZone' | 'billingMethod' | 'jurisdiction' | 'line' | 'effectiveDate' | 'expirationDate'
  >;
  /** The first date of its first term. */
  readonly policySince: CalendarDate;
  /** Whether the policy system has ended the term, or will on a date that it has said. */
  readonly isCancelled: boolean;
  /** Whether it has undone an end since the one was asked for that this delinquency led to. */
  readonly isReinstated: boolean;
  readonly plan: DelinquencyPlan;
  readonly rules: readonly DelinquencyRule[];
  /** The oldest first. */
  readonly owed: readonly PastDue[];
  /** The business date of the last money that paid any of it. */
  readonly paidOn: CalendarDate | null;
  /** Nothing was ever paid on the policy. */
  readonly isUnpaid: boolean;
  readonly hold: HoldView;
  /** The next date on which a late fee may be charged. */
  readonly lateFeeOn: CalendarDate | null;
  readonly newIds: { readonly notice: string; readonly cancellation: string };
}

/** So little short is as good as paid: nothing begins, is counted or is charged for it. */
export function pursuedOf<D extends PastDue>(
  owed: readonly D[],
  { toleranceMinor }: Pick<DelinquencyPlan, 'toleranceMinor'>,
): readonly D[] {
  return owed.filter(({ balanceMinor }) => balanceMinor > toleranceMinor);
}

export function balanceOf(owed: readonly PastDue[]): bigint {
  return owed.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0n);
}

/** What was due before a hold ended counts from that end. */
export function countsFrom(dueOn: CalendarDate, { hold: { endedOn } }: Pick<Situation, 'hold'>): CalendarDate {
  return endedOn !== null && endedOn > dueOn ? endedOn : dueOn;
}

export function reminderOn({ state, remindersSent, onsetOn }: Delinquency, situation: Situation): CalendarDate | null {
  const day = situation.plan.reminderDays[remindersSent];
  if (state !== 'in_grace' || day === undefined) return null;
  return addDays(countsFrom(onsetOn, situation), day);
}

/** Where no retry will bring the money there is nothing to wait for. */
export function noticeOn({ onsetOn }: Delinquency, situation: Situation): CalendarDate {
  const { owed, plan } = situation;
  const isHopeless = pursuedOf(owed, plan).some((each) => each.isHopeless);
  return addDays(countsFrom(onsetOn, situation), isHopeless ? 1 : plan.noticeAfterDays);
}

/** The first instant at which a step may be due that is not due now. */
export function nextLook(delinquency: Delinquency, situation: Situation): Date | null {
  const { state, notice } = delinquency;
  const { policy, hold, today, lateFeeOn } = situation;
  if (!isDelinquencyOpen(state)) return null;
  const dates: (CalendarDate | null)[] = [];
  if (state === 'pre_grace' || state === 'in_grace' || state === 'notice_issued') {
    dates.push(policy.expirationDate, hold.changesOn, lateFeeOn, reminderOn(delinquency, situation));
  }
  // A policy system that never answers lets the policy run to its end.
  if (state === 'lapse_triggered') dates.push(policy.expirationDate);
  if (state === 'in_grace') dates.push(noticeOn(delinquency, situation));
  const instants = dates
    .filter((date): date is CalendarDate => date !== null && date > today)
    .map((date) => startOfDay(date, policy.timeZone).getTime());
  if (state === 'notice_issued' && notice?.effectiveAt) instants.push(notice.effectiveAt.getTime());
  return instants.length === 0 ? null : new Date(Math.min(...instants));
}
