import type { CalendarDate } from './calendar.ts';
import { moveDelinquency } from './delinquency.ts';
import type { Delinquency, Notice } from './delinquency.ts';
import type { DelinquencyRule } from './delinquency-rule.ts';
import { DomainError } from './errors.ts';
import { isMailable, noticeDates } from './notice.ts';
import type { Policy } from './policy.ts';
import { localDate } from './zone.ts';

export function announcedNotice(id: string, ruleId: string, on: CalendarDate, amountMinor: bigint): Notice {
  const nothing = { mailedAt: null, mailedOn: null, proofRef: null, channel: null };
  const dates = { effectiveOn: null, effectiveAt: null, cureOn: null };
  return { id, ruleId, state: 'due', announcedOn: on, amountMinor, ...nothing, ...dates };
}

export interface ProvenMailing {
  readonly noticeId: string;
  readonly mailedAt: Date;
  readonly proofRef: string | null;
  readonly channel: string | null;
}

export interface MailingTerms {
  readonly rule: DelinquencyRule;
  readonly policy: Pick<Policy, 'timeZone' | 'effectiveDate'>;
}

/** Whether it is this notice that the delinquency waits for. What is settled or began anew waits for none. */
export function awaits({ notice }: Delinquency, noticeId: string): boolean {
  return notice?.id === noticeId && notice.state === 'due';
}

/**
 * From the mailing on the law counts: the notice is issued, and names the day on which cover ends.
 * @throws DomainError `notice_not_valid` when the law does not take it for a notice
 */
export function issueNotice(delinquency: Delinquency, mailing: ProvenMailing, terms: MailingTerms): Delinquency {
  const { graceEndOn, onsetOn } = delinquency;
  const { rule, policy } = terms;
  const { mailedAt, proofRef, channel } = mailing;
  const sentOn = localDate(mailedAt, policy.timeZone);
  if (!isMailable(sentOn, onsetOn, rule)) {
    throw new DomainError('notice_not_valid', `A notice of ${sentOn} precedes the default of ${onsetOn}.`);
  }
  if (rule.proofType !== 'none' && proofRef === null) {
    throw new DomainError('notice_not_valid', `The rule ${rule.id} asks for proof: ${rule.proofType}.`);
  }
  const dates = noticeDates(
    { mailedOn: sentOn, graceEndOn: graceEndOn ?? onsetOn, renewalOn: policy.effectiveDate },
    rule,
    policy.timeZone,
  );
  const notice: Notice = { ...delinquency.notice!, state: 'mailed', mailedAt, proofRef, channel, ...dates };
  const state = moveDelinquency(delinquency.state, 'issue_notice');
  return { ...delinquency, notice, state, version: delinquency.version + 1 };
}

/** S-82: a notice that never arrived is void; while nothing was asked for yet, another one is mailed. */
export function returnNotice(delinquency: Delinquency): Delinquency {
  const notice: Notice = { ...delinquency.notice!, state: 'returned' };
  const next = { ...delinquency, notice, state: moveDelinquency(delinquency.state, 'void_notice') };
  // Told of at once; in grace again it is the next notice that is told of, and counts as the change.
  return next.state === 'manual_review'
    ? { ...next, reviewReason: 'notice_returned', version: delinquency.version + 1 }
    : next;
}
