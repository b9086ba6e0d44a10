import { rollForward } from './business-days.ts';
import { addDays } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { instantAt } from './time-of-day.ts';
import type { TimeOfDay } from './time-of-day.ts';

/**
 * full_days           the mailing day and the effective day are not counted: one day more than a plain sum
 * days_after_mailing  a jurisdiction that counts the effective day
 */
export const countModes = ['full_days', 'days_after_mailing'] as const;
export type CountMode = (typeof countModes)[number];

/** Whether a notice may precede the default that it is about. */
export const earliestSends = ['after_due', 'any'] as const;
export type EarliestSend = (typeof earliestSends)[number];

/** Until when a payment undoes the notice: while the cover lasts, or some days from the mailing. */
export const cureWindows = ['effective', 'mailing'] as const;
export type CureWindow = (typeof cureWindows)[number];

/** What a jurisdiction asks of a notice. */
export interface NoticeTerms {
  readonly noticeDays: number;
  readonly mailDays: number;
  readonly countMode: CountMode;
  readonly earliestSend: EarliestSend;
  readonly cureUntil: CureWindow;
  /** With `mailing`. */
  readonly cureDays: number | null;
  readonly effectiveTime: TimeOfDay;
  readonly holidays: readonly CalendarDate[];
}

export interface Mailing {
  /** What the proof of mailing says. */
  readonly mailedOn: CalendarDate;
  /** The last day of grace, inclusive. */
  readonly graceEndOn: CalendarDate;
  /** Where what is unpaid is a renewal: cover that was paid for is not ended before it. */
  readonly renewalOn: CalendarDate | null;
}

export interface NoticeDates {
  /** The business day that counts as the day of mailing. */
  readonly mailedOn: CalendarDate;
  readonly effectiveOn: CalendarDate;
  readonly effectiveAt: Date;
  /** The last date on which a payment cures, inclusive. */
  readonly cureOn: CalendarDate;
}

/** The day on which a notice of that date counts as mailed. */
export function mailingDay(on: CalendarDate, { holidays }: Pick<NoticeTerms, 'holidays'>): CalendarDate {
  return rollForward(on, new Set(holidays));
}

/** A notice of a default that has not happened is none, where the law says so. */
export function isMailable(mailedOn: CalendarDate, dueOn: CalendarDate, terms: NoticeTerms): boolean {
  return terms.earliestSend === 'any' || mailedOn > dueOn;
}

/** The earliest day on which the law lets cover end, by the reading that gives the policyholder most. */
export function noticeDates(mailing: Mailing, terms: NoticeTerms, zone: string): NoticeDates {
  const mailedOn = mailingDay(mailing.mailedOn, terms);
  const extra = terms.countMode === 'full_days' ? 1 : 0;
  const curedOn = terms.cureUntil === 'mailing' ? addDays(mailedOn, terms.cureDays ?? terms.noticeDays) : null;
  const effectiveOn = latest([
    addDays(mailing.graceEndOn, 1),
    addDays(mailedOn, terms.noticeDays + terms.mailDays + extra),
    mailing.renewalOn,
    curedOn && addDays(curedOn, 1),
  ]);
  const effectiveAt = instantAt(effectiveOn, terms.effectiveTime, zone);
  return { mailedOn, effectiveOn, effectiveAt, cureOn: curedOn ?? addDays(effectiveOn, -1) };
}

function latest(dates: readonly (CalendarDate | null)[]): CalendarDate {
  return dates.reduce<CalendarDate>((last, date) => (date !== null && date > last ? date : last), '');
}
