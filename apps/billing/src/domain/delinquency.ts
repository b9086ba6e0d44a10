import type { CalendarDate } from './calendar.ts';
import type { DelinquencyReason } from './delinquency-rule.ts';
import { DomainError } from './errors.ts';

export const delinquencyStates = [
  'pre_grace',
  'in_grace',
  'notice_issued',
  'lapse_triggered',
  'lapsed',
  'settled',
  'rescinded',
  'manual_review',
  'closed',
] as const;
export type DelinquencyState = (typeof delinquencyStates)[number];

export const delinquencyEvents = [
  'begin_grace',
  'hold',
  'issue_notice',
  'void_notice',
  'lapse',
  'confirm',
  'reject',
  'pay',
  'pay_late',
  'rescind',
  'refer',
  'reinstate',
  'close',
] as const;
export type DelinquencyEvent = (typeof delinquencyEvents)[number];

/**
 * A hold, and a notice that never arrived, lead back: what was begun is begun anew. `lapse` leaves `pre_grace` only for
 * a policy that was not taken. Once cancellation was asked for, a payment does not undo it by itself: a person looks.
 */
export const delinquencyTransitions: Record<DelinquencyState, Partial<Record<DelinquencyEvent, DelinquencyState>>> = {
  pre_grace: {
    begin_grace: 'in_grace',
    lapse: 'lapse_triggered',
    pay: 'settled',
    refer: 'manual_review',
    close: 'closed',
  },
  in_grace: {
    hold: 'pre_grace',
    issue_notice: 'notice_issued',
    void_notice: 'in_grace',
    pay: 'settled',
    refer: 'manual_review',
    close: 'closed',
  },
  notice_issued: {
    hold: 'pre_grace',
    void_notice: 'in_grace',
    lapse: 'lapse_triggered',
    pay: 'rescinded',
    pay_late: 'manual_review',
    close: 'closed',
  },
  lapse_triggered: {
    void_notice: 'manual_review',
    confirm: 'lapsed',
    reject: 'manual_review',
    pay: 'manual_review',
    rescind: 'rescinded',
    reinstate: 'closed',
    close: 'closed',
  },
  lapsed: { rescind: 'rescinded', reinstate: 'closed', close: 'closed' },
  manual_review: { confirm: 'lapsed', pay: 'settled', rescind: 'rescinded', close: 'closed' },
  settled: {},
  rescinded: {},
  closed: {},
};

/** @throws DomainError `invalid_transition` */
export function moveDelinquency(state: DelinquencyState, event: DelinquencyEvent): DelinquencyState {
  const next = delinquencyTransitions[state][event];
  if (!next) {
    throw new DomainError('invalid_transition', `A delinquency that is ${state} cannot ${event}.`, {
      allowedActions: Object.keys(delinquencyTransitions[state]),
    });
  }
  return next;
}

export function isDelinquencyOpen(state: DelinquencyState): boolean {
  return Object.keys(delinquencyTransitions[state]).length > 0;
}

/** What a delinquency makes of a policy, beside what else it is: such states stand side by side. */
export function policyStatusesOf(state: DelinquencyState): readonly ('delinquent' | 'cancel_pending')[] {
  if (state === 'notice_issued' || state === 'lapse_triggered') return ['delinquent', 'cancel_pending'];
  return isDelinquencyOpen(state) && state !== 'lapsed' ? ['delinquent'] : [];
}

export const noticeStates = ['due', 'mailed', 'returned', 'withdrawn'] as const;
export type NoticeState = (typeof noticeStates)[number];

/** One notice of cancellation: to be mailed, then with the proof that it was. */
export interface Notice {
  readonly id: string;
  readonly ruleId: string;
  readonly state: NoticeState;
  /** When it was said that it has to be mailed, and for how much. */
  readonly announcedOn: CalendarDate;
  readonly amountMinor: bigint;
  readonly mailedAt: Date | null;
  /** The business day that counts. */
  readonly mailedOn: CalendarDate | null;
  readonly proofRef: string | null;
  readonly channel: string | null;
  readonly effectiveOn: CalendarDate | null;
  readonly effectiveAt: Date | null;
  readonly cureOn: CalendarDate | null;
}

export const reviewReasons = [
  'agency_billed',
  'no_rule',
  'paid_late',
  'paid_after_request',
  'cancellation_rejected',
  'notice_returned',
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** What is done about one policy, or one invoice of it, that was not paid. */
export interface Delinquency {
  readonly tenantId: string;
  readonly id: string;
  readonly policyLocator: string;
  /** Where the plan follows each invoice on its own. */
  readonly invoiceId: string | null;
  readonly planId: string;
  readonly reason: DelinquencyReason;
  readonly state: DelinquencyState;
  readonly currency: string;
  /** Past due of it when it was last looked at. */
  readonly balanceMinor: bigint;
  /** The due date that was missed. */
  readonly onsetOn: CalendarDate;
  /** The last day of grace, inclusive; null before it began. */
  readonly graceEndOn: CalendarDate | null;
  readonly remindersSent: number;
  /** The one that counts; earlier ones are void. */
  readonly notice: Notice | null;
  readonly cancellationId: string | null;
  readonly cancelOn: CalendarDate | null;
  readonly reviewReason: ReviewReason | null;
  /** When it has to be looked at again, unless something happens before. */
  readonly nextAt: Date | null;
  readonly version: number;
  readonly createdAt: Date;
}

const answered = {
  accepted: { event: 'confirm', state: 'lapsed' },
  rejected: { event: 'reject', state: 'manual_review' },
  rescinded: { event: 'rescind', state: 'rescinded' },
} as const;
export type CancellationAnswer = keyof typeof answered;

/**
 * What the policy system made of a request to cancel; null where it has said so before.
 * @throws DomainError `invalid_transition` for an answer that contradicts an earlier one
 */
export function answerCancellation(delinquency: Delinquency, answer: CancellationAnswer): Delinquency | null {
  const { event, state } = answered[answer];
  if (delinquency.state === state) return null;
  const next = { ...delinquency, state: moveDelinquency(delinquency.state, event), version: delinquency.version + 1 };
  return answer === 'rejected' ? { ...next, reviewReason: 'cancellation_rejected' } : next;
}

/** How one may be over that was asked to be cancelled, without the answer saying otherwise. */
const overWith: Record<CancellationAnswer, readonly DelinquencyState[]> = {
  accepted: ['closed'],
  rejected: ['closed', 'settled'],
  rescinded: ['closed', 'settled', 'rescinded'],
};

/**
 * An answer about what is over is late or said again, or it contradicts how that ended.
 * @throws DomainError `invalid_transition` where it contradicts
 */
export function checkLateAnswer(
  { state, reviewReason }: Pick<Delinquency, 'state' | 'reviewReason'>,
  answer: CancellationAnswer,
): void {
  const isSaidBefore = answer === 'rejected' && reviewReason === 'cancellation_rejected';
  if (overWith[answer].includes(state) || isSaidBefore) return;
  throw new DomainError('invalid_transition', `A delinquency that is ${state} was not ${answer}.`, {
    allowedActions: [],
  });
}

/**
 * A person has decided what no rule could.
 * @throws DomainError `invalid_transition` when it is not theirs to decide
 */
export function decideDelinquency(delinquency: Delinquency, outcome: 'settled' | 'closed'): Delinquency {
  if (delinquency.state !== 'manual_review') {
    throw new DomainError('invalid_transition', `A delinquency that is ${delinquency.state} is not in review.`, {
      allowedActions: [],
    });
  }
  const state = moveDelinquency(delinquency.state, outcome === 'settled' ? 'pay' : 'close');
  return { ...delinquency, state, nextAt: null, version: delinquency.version + 1 };
}
