import { addDays, addMonths } from './calendar.ts';
import type { CalendarDate } from './calendar.ts';
import { moveDelinquency } from './delinquency.ts';
import type { Delinquency, DelinquencyEvent, ReviewReason } from './delinquency.ts';
import { balanceOf, countsFrom, nextLook, noticeOn, pursuedOf, reminderOn } from './delinquency-dates.ts';
import type { Situation } from './delinquency-dates.ts';
import { announcedNotice } from './delinquency-notice.ts';
import { ruleInForce } from './delinquency-rule.ts';
import type { ReinstatementOffer } from './reinstatement-offer.ts';

/** Suffixes of the events that tell it, but for the last two: `cancellation.requested`, `reinstatement.eligible`. */
export type DelinquencyFactType =
  | 'started'
  | 'grace_started'
  | 'reminder_sent'
  | 'notice_due'
  | 'notice_issued'
  | 'held'
  | 'settled'
  | 'rescinded'
  | 'lapse_triggered'
  | 'lapsed'
  | 'referred'
  | 'closed'
  | 'cancellation_requested'
  | 'reinstatement_eligible';

/** One step, and how it left the delinquency. */
export interface DelinquencyFact {
  readonly type: DelinquencyFactType;
  readonly delinquency: Delinquency;
  /** Of `reinstatement_eligible`. */
  readonly offer?: ReinstatementOffer;
}

export interface Course {
  readonly delinquency: Delinquency;
  readonly facts: readonly DelinquencyFact[];
}

interface Step {
  readonly type: DelinquencyFactType;
  readonly next: Delinquency;
}

/** Whether what is unpaid begins a delinquency: one invoice has to be more short than is as good as paid. */
export function isDelinquent({ hold, owed, plan }: Pick<Situation, 'hold' | 'owed' | 'plan'>): boolean {
  return !hold.isHeld && pursuedOf(owed, plan).length > 0;
}

export type NewDelinquency = Pick<
  Delinquency,
  'tenantId' | 'id' | 'policyLocator' | 'invoiceId' | 'currency' | 'createdAt'
>;

/** Of a situation that is delinquent: it dates from the first debt of which more is short than is as good as paid. */
export function start(identity: NewDelinquency, situation: Situation): Course {
  const { plan, owed } = situation;
  const pursued = pursuedOf(owed, plan);
  const isNotTaken = situation.isUnpaid && plan.notTaken === 'flat_cancel';
  const first: Delinquency = {
    ...identity,
    planId: plan.id,
    reason: isNotTaken ? 'not_taken' : pursued.some(({ isReturned }) => isReturned) ? 'nsf' : 'past_due',
    state: 'pre_grace',
    balanceMinor: balanceOf(owed),
    onsetOn: countsFrom(pursued[0]!.dueOn, situation),
    graceEndOn: null,
    remindersSent: 0,
    notice: null,
    cancellationId: null,
    cancelOn: null,
    reviewReason: null,
    nextAt: null,
    version: 1,
  };
  const then = follow(first, situation);
  return { ...then, facts: [{ type: 'started', delinquency: first }, ...then.facts] };
}

/**
 * Takes every step that is due, one after the other: after an outage they all come at once, each with its own event.
 */
export function follow(delinquency: Delinquency, situation: Situation): Course {
  let current: Delinquency = { ...delinquency, balanceMinor: balanceOf(situation.owed) };
  const facts: DelinquencyFact[] = [];
  for (let step = nextStep(current, situation); step; step = nextStep(current, situation)) {
    const types = step.type === 'lapse_triggered' ? ([step.type, 'cancellation_requested'] as const) : [step.type];
    for (const type of types) {
      current = { ...step.next, version: current.version + 1 };
      facts.push({ type, delinquency: current });
    }
  }
  return { delinquency: { ...current, nextAt: nextLook(current, situation) }, facts };
}

const steps: readonly ((delinquency: Delinquency, situation: Situation) => Step | null)[] = [
  end,
  settle,
  hold,
  begin,
  remind,
  announce,
  lapse,
];

function nextStep(delinquency: Delinquency, situation: Situation): Step | null {
  for (const step of steps) {
    const taken = step(delinquency, situation);
    if (taken) return taken;
  }
  return null;
}

/** The policy has ended: as billing asked, or by itself. Or it goes on after all. */
function end(delinquency: Delinquency, { today, policy, isCancelled, isReinstated }: Situation): Step | null {
  const { state } = delinquency;
  const isAsked = state === 'lapse_triggered';
  if (isAsked && isCancelled) return { type: 'lapsed', next: moved(delinquency, 'confirm') };
  // The end and its undoing may both come between two looks.
  if ((isAsked || state === 'lapsed') && isReinstated && !isCancelled) {
    return { type: 'closed', next: moved(delinquency, 'reinstate') };
  }
  const isEnded = today >= policy.expirationDate;
  const canEnd = isAsked || state === 'pre_grace' || state === 'in_grace' || state === 'notice_issued';
  return isEnded && canEnd ? { type: 'closed', next: moved(withoutNotice(delinquency), 'close') } : null;
}

function settle(delinquency: Delinquency, situation: Situation): Step | null {
  const { state, notice, reviewReason, balanceMinor } = delinquency;
  if (balanceMinor > situation.plan.toleranceMinor) return null;
  const paidOn = situation.paidOn ?? situation.today;
  const isTimely = notice?.cureOn == null || paidOn <= notice.cureOn;
  switch (state) {
    case 'pre_grace':
    case 'in_grace':
      return { type: 'settled', next: moved(withoutNotice(delinquency), 'pay') };
    case 'notice_issued':
      return isTimely
        ? { type: 'rescinded', next: moved(withoutNotice(delinquency), 'pay') }
        : referred(delinquency, 'pay_late', 'paid_late');
    case 'lapse_triggered':
      return isTimely ? referred(delinquency, 'pay', 'paid_after_request') : null;
    case 'manual_review':
      return isSettledByMoney(reviewReason) ? { type: 'settled', next: moved(delinquency, 'pay') } : null;
    default:
      return null;
  }
}

/** Money that came too late, or for a policy that is being cancelled, is a person's decision and stays one. */
function isSettledByMoney(reason: ReviewReason | null): boolean {
  return reason === 'agency_billed' || reason === 'no_rule' || reason === 'cancellation_rejected';
}

/** What was begun is void: after the hold, grace and notice begin anew. */
function hold(delinquency: Delinquency, situation: Situation): Step | null {
  const { state } = delinquency;
  if (!situation.hold.isHeld || (state !== 'in_grace' && state !== 'notice_issued')) return null;
  return { type: 'held', next: { ...moved(withoutNotice(delinquency), 'hold'), graceEndOn: null } };
}

function begin(delinquency: Delinquency, situation: Situation): Step | null {
  const { policy, plan } = situation;
  if (delinquency.state !== 'pre_grace' || situation.hold.isHeld) return null;
  if (policy.billingMethod === 'agency' && plan.agency === 'refer') {
    return referred(delinquency, 'refer', 'agency_billed');
  }
  const isNotTaken = delinquency.reason === 'not_taken';
  // Never on risk for money: from the first day on, without grace, and nothing is owed.
  if (isNotTaken && situation.isUnpaid) {
    const isBeingCharged = pursuedOf(situation.owed, plan).some(({ openAttempt }) => openAttempt !== null);
    return isBeingCharged ? null : cancelling(delinquency, situation, policy.effectiveDate);
  }
  const since = countsFrom(delinquency.onsetOn, situation);
  const graceEndOn =
    plan.graceMonths === null ? addDays(since, plan.graceDays) : addDays(addMonths(since, plan.graceMonths), -1);
  // What was paid in part meanwhile was taken after all.
  const reason = isNotTaken ? 'past_due' : delinquency.reason;
  return { type: 'grace_started', next: { ...moved(delinquency, 'begin_grace'), reason, graceEndOn } };
}

function remind(delinquency: Delinquency, situation: Situation): Step | null {
  const on = reminderOn(delinquency, situation);
  if (on === null || on > situation.today) return null;
  return { type: 'reminder_sent', next: { ...delinquency, remindersSent: delinquency.remindersSent + 1 } };
}

/** Says that a notice has to be mailed; what it then is worth depends on the day on which it was. */
function announce(delinquency: Delinquency, situation: Situation): Step | null {
  const { state, notice, balanceMinor } = delinquency;
  const { today, policy, plan, policySince } = situation;
  if (state !== 'in_grace' && state !== 'notice_issued') return null;
  const isAnnounced = notice?.state === 'due' || notice?.state === 'mailed';
  const isJoined = isAnnounced && plan.renoticesOnJoin && balanceMinor > notice.amountMinor;
  if (isAnnounced && !isJoined) return null;
  const isReturned = notice?.state === 'returned';
  if (!isJoined && !isReturned && noticeOn(delinquency, situation) > today) return null;
  const { jurisdiction, line } = policy;
  const rule = ruleInForce(situation.rules, { jurisdiction, line, policySince, reason: delinquency.reason, on: today });
  // The notice that was mailed stands where no rule is left to count another one by.
  if (!rule) return isJoined ? null : referred(delinquency, 'refer', 'no_rule');
  const announced = announcedNotice(situation.newIds.notice, rule.id, today, balanceMinor);
  return {
    type: 'notice_due',
    next: { ...(isJoined ? moved(delinquency, 'void_notice') : delinquency), notice: announced },
  };
}

function lapse(delinquency: Delinquency, situation: Situation): Step | null {
  const { state, notice } = delinquency;
  if (state !== 'notice_issued' || !notice?.effectiveAt || notice.effectiveAt > situation.now) return null;
  const { coveredMonths } = situation.plan;
  const endOfCover = coveredMonths === null ? null : addMonths(delinquency.onsetOn, coveredMonths);
  return cancelling(delinquency, situation, endOfCover ?? notice.effectiveOn!);
}

function cancelling(delinquency: Delinquency, { newIds }: Situation, cancelOn: CalendarDate): Step {
  const next = { ...moved(delinquency, 'lapse'), cancellationId: newIds.cancellation, cancelOn };
  return { type: 'lapse_triggered', next };
}

function referred(delinquency: Delinquency, event: DelinquencyEvent, reviewReason: ReviewReason): Step {
  return { type: 'referred', next: { ...moved(delinquency, event), reviewReason } };
}

/** @throws DomainError `invalid_transition` */
function moved(delinquency: Delinquency, event: DelinquencyEvent): Delinquency {
  return { ...delinquency, state: moveDelinquency(delinquency.state, event) };
}

function withoutNotice(delinquency: Delinquency): Delinquency {
  const { notice } = delinquency;
  return notice ? { ...delinquency, notice: { ...notice, state: 'withdrawn' } } : delinquency;
}
