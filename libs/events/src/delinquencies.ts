import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const DelinquencyData = Type.Object(
  {
    delinquencyId: Id,
    policyLocator: Reference,
    policyholderLocator: Reference,
    /** Whom to ask where the producer bills the policy. */
    producerId: Type.Optional(Reference),
    /** Where the plan follows each invoice on its own. */
    invoiceLocator: Type.Optional(Id),
    planId: Id,
    reason: oneOf('past_due', 'not_taken', 'nsf'),
    state: oneOf(
      'pre_grace',
      'in_grace',
      'notice_issued',
      'lapse_triggered',
      'lapsed',
      'settled',
      'rescinded',
      'manual_review',
      'closed',
    ),
    /** Past due now, and what has to be paid so that it is settled. */
    balance: WireAmount,
    minimumToCure: WireAmount,
    onset: LocalDate,
    /** The last day of grace. */
    graceEnd: Type.Optional(LocalDate),
    noticeId: Type.Optional(Id),
    noticeState: Type.Optional(oneOf('due', 'mailed', 'returned', 'withdrawn')),
    /** The row of the rule table that its days are counted by. */
    ruleId: Type.Optional(Id),
    noticeAmount: Type.Optional(WireAmount),
    recipients: Type.Optional(Type.Array(Code)),
    proofType: Type.Optional(Code),
    mailedTimestamp: Type.Optional(Instant),
    proofRef: Type.Optional(Type.String({ maxLength: 200 })),
    channel: Type.Optional(Code),
    /** The first date without cover that the law allows. */
    earliestEffective: Type.Optional(LocalDate),
    /** The last date on which a payment undoes the notice. */
    cureBy: Type.Optional(LocalDate),
    cancelEffective: Type.Optional(LocalDate),
    /** Why a person has to decide. */
    reviewReason: Type.Optional(Code),
  },
  { title: 'Delinquency' },
);
export type DelinquencyData = Static<typeof DelinquencyData>;

const started: DelinquencyData = {
  delinquencyId: story.delinquencyId,
  policyLocator: story.policyLocator,
  policyholderLocator: story.policyholderLocator,
  planId: story.delinquencyPlanId,
  reason: 'past_due',
  state: 'pre_grace',
  balance: usd(2567),
  minimumToCure: usd(2567),
  onset: '2025-03-01',
};
const inGrace: DelinquencyData = { ...started, state: 'in_grace', graceEnd: '2025-03-11' };
const due: DelinquencyData = {
  ...inGrace,
  ...{ noticeId: story.noticeId, noticeState: 'due', ruleId: story.delinquencyRuleId, noticeAmount: usd(2567) },
  ...{ recipients: ['insured'], proofType: 'certificate_of_mailing' },
};
const issued: DelinquencyData = {
  ...due,
  ...{ state: 'notice_issued', noticeState: 'mailed', mailedTimestamp: '2025-03-10T15:00:00.000Z' },
  ...{ proofRef: 'COM-2025-0310-17', channel: 'post', earliestEffective: '2025-03-21', cureBy: '2025-03-20' },
};
const triggered: DelinquencyData = { ...issued, state: 'lapse_triggered', cancelEffective: '2025-03-21' };
const settled: DelinquencyData = { ...inGrace, state: 'settled', balance: usd(0), minimumToCure: usd(0) };

export const CancellationRequestData = Type.Object(
  {
    requestId: Id,
    delinquencyId: Id,
    policyLocator: Reference,
    reason: oneOf('non_payment', 'not_taken'),
    /** `flat` where the policy was never taken: nothing is owed. */
    method: oneOf('pro_rata', 'flat'),
    effectiveDate: LocalDate,
    /** By the time of day that the rule names. */
    effectiveTimestamp: Type.Optional(Instant),
    noticeRef: Type.Optional(Id),
    ruleId: Type.Optional(Id),
    /** Until when what was paid covers what is earned: information, no bound. */
    equityDate: Type.Optional(LocalDate),
    balance: WireAmount,
  },
  { title: 'CancellationRequest' },
);
export type CancellationRequestData = Static<typeof CancellationRequestData>;

export const ReinstatementOfferData = Type.Object(
  {
    delinquencyId: Id,
    policyLocator: Reference,
    policyholderLocator: Reference,
    /** What is past due, and the fee. */
    amountRequired: WireAmount,
    fee: WireAmount,
    received: WireAmount,
    /** Whether what was received is as good as what is required. */
    isEnough: Type.Boolean(),
    /** The last date on which it may be brought back. */
    windowEnd: LocalDate,
    lapseDays: Type.Integer({ minimum: 0 }),
  },
  { title: 'ReinstatementOffer' },
);
export type ReinstatementOfferData = Static<typeof ReinstatementOfferData>;

export const delinquencyEvents = define('BILLING', 'billing', {
  'delinquency.started': event('Something that a policy owes is past due.', DelinquencyData, started),
  'delinquency.grace_started': event('The days begin in which nothing is done yet.', DelinquencyData, inGrace),
  'delinquency.reminder_sent': event('The policyholder is to be reminded.', DelinquencyData, inGrace),
  'delinquency.notice_due': event('A notice has to be mailed: `policy.notice_mailed` answers.', DelinquencyData, due),
  'delinquency.notice_issued': event('The notice was mailed, and the law counts from there.', DelinquencyData, issued),
  'delinquency.held': event('A hold stops it; afterwards it begins anew.', DelinquencyData, {
    ...started,
    graceEnd: '2025-03-11',
  }),
  'delinquency.settled': event('It was paid before a notice was mailed.', DelinquencyData, settled),
  'delinquency.rescinded': event('It was paid in time: the notice is taken back.', DelinquencyData, {
    ...{ ...issued, state: 'rescinded', noticeState: 'withdrawn', balance: usd(0), minimumToCure: usd(0) },
  }),
  'delinquency.lapse_triggered': event('The day of the notice came unpaid.', DelinquencyData, triggered),
  'delinquency.lapsed': event('The policy system has ended the cover.', DelinquencyData, {
    ...triggered,
    state: 'lapsed',
  }),
  'delinquency.referred': event('A person has to decide.', DelinquencyData, {
    ...{ ...inGrace, state: 'manual_review', reviewReason: 'no_rule' },
  }),
  'delinquency.closed': event('The policy ended otherwise, or is in force again.', DelinquencyData, {
    ...started,
    state: 'closed',
  }),
  'cancellation.requested': event('The policy system is asked to end a policy.', CancellationRequestData, {
    requestId: story.cancellationRequestId,
    delinquencyId: story.delinquencyId,
    policyLocator: story.policyLocator,
    reason: 'non_payment',
    method: 'pro_rata',
    effectiveDate: '2025-03-21',
    effectiveTimestamp: '2025-03-21T04:01:00.000Z',
    noticeRef: story.noticeId,
    ruleId: story.delinquencyRuleId,
    balance: usd(2567),
  }),
  'reinstatement.eligible': event(
    'Money came after the lapse: the policy may be brought back.',
    ReinstatementOfferData,
    {
      delinquencyId: story.delinquencyId,
      policyLocator: story.policyLocator,
      policyholderLocator: story.policyholderLocator,
      amountRequired: usd(5067),
      fee: usd(2500),
      received: usd(5067),
      isEnough: true,
      windowEnd: '2025-04-20',
      lapseDays: 10,
    },
  ),
});
