import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const DisputeData = Type.Object(
  {
    disputeId: Id,
    paymentLocator: Id,
    policyLocator: Type.Optional(Reference),
    invoiceLocator: Type.Optional(Reference),
    amount: WireAmount,
    fee: Type.Optional(WireAmount),
    stage: oneOf('inquiry', 'pre_arbitration', 'chargeback', 'arbitration'),
    state: oneOf('opened', 'challenged', 'accepted', 'expired', 'won', 'lost'),
    reasonCode: Code,
    evidenceDueTimestamp: Type.Optional(Instant),
    providerRef: Type.Optional(Type.String({ maxLength: 200 })),
    /** What the payment has lost to refunds and this dispute beyond its amount; absent when nothing. */
    doubleRecovery: Type.Optional(WireAmount),
    /** The business date of the outcome. */
    effectiveDate: Type.Optional(LocalDate),
    createdTimestamp: Instant,
    finishedTimestamp: Type.Optional(Instant),
  },
  { title: 'Dispute' },
);
export type DisputeData = Static<typeof DisputeData>;

const opened: DisputeData = {
  disputeId: story.disputeId,
  paymentLocator: story.paymentLocator,
  policyLocator: story.policyLocator,
  invoiceLocator: story.invoiceLocator,
  amount: usd(2567),
  fee: usd(1500),
  stage: 'chargeback',
  state: 'opened',
  reasonCode: 'fraudulent',
  evidenceDueTimestamp: '2025-01-20T12:00:00.000Z',
  createdTimestamp: story.reversedAt,
};
const finished = { effectiveDate: '2025-02-03', finishedTimestamp: '2025-02-03T12:00:00.000Z' };

export const disputeEvents = define('PAYMENTS', 'payments', {
  'dispute.opened': event('A cardholder or bank disputes a payment; the money may be held back.', DisputeData, opened),
  'dispute.updated': event('A dispute moved on: another stage, evidence handed in, or accepted.', DisputeData, {
    ...opened,
    state: 'challenged',
  }),
  'dispute.won': event('The payment stands.', DisputeData, { ...opened, state: 'won', ...finished }),
  'dispute.lost': event('The money is gone; `payment.returned` says so for the payment.', DisputeData, {
    ...opened,
    state: 'lost',
    ...finished,
  }),
});
