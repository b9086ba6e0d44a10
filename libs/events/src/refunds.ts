import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, LocalDate, Reference, Text, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const RefundData = Type.Object(
  {
    refundId: Id,
    paymentLocator: Id,
    policyLocator: Type.Optional(Reference),
    policyholderLocator: Type.Optional(Reference),
    invoiceLocator: Type.Optional(Reference),
    linkId: Type.Optional(Id),
    amount: WireAmount,
    state: oneOf(
      'requested',
      'pending_approval',
      'approved',
      'rejected',
      'processing',
      'succeeded',
      'failed',
      'unknown',
      'cancelled',
      'converted',
    ),
    destination: oneOf('original_method', 'ach', 'check'),
    reason: Type.Optional(Text),
    providerRef: Type.Optional(Type.String({ maxLength: 200 })),
    /** What can still be given back of the payment after this refund. */
    remainingRefundable: WireAmount,
    failure: Type.Optional(Type.Object({ code: Code, recommendedAction: Code })),
    /** The disbursement that a failed refund became: money by cheque. */
    disbursementId: Type.Optional(Id),
    /** The business date on which the money left. */
    effectiveDate: Type.Optional(LocalDate),
    createdTimestamp: Instant,
    finishedTimestamp: Type.Optional(Instant),
  },
  { title: 'Refund' },
);
export type RefundData = Static<typeof RefundData>;

const requested: RefundData = {
  refundId: story.refundId,
  paymentLocator: story.paymentLocator,
  policyLocator: story.policyLocator,
  policyholderLocator: story.policyholderLocator,
  invoiceLocator: story.invoiceLocator,
  amount: usd(1000),
  state: 'requested',
  destination: 'original_method',
  reason: 'Overpaid',
  remainingRefundable: usd(1567),
  createdTimestamp: story.createdAt,
};

export const refundEvents = define('PAYMENTS', 'payments', {
  'refund.requested': event('A refund was asked for; its amount is reserved on the payment.', RefundData, requested),
  'refund.approved': event('A refund that needed approval got it.', RefundData, { ...requested, state: 'approved' }),
  'refund.processing': event('The refund was handed to the provider.', RefundData, {
    ...requested,
    state: 'processing',
  }),
  'refund.succeeded': event('The money was given back.', RefundData, {
    ...requested,
    state: 'succeeded',
    providerRef: 're_1',
    effectiveDate: '2025-01-06',
    finishedTimestamp: story.reversedAt,
  }),
  'refund.failed': event(
    'The provider could not give the money back; the amount is free again, or becomes a cheque.',
    RefundData,
    {
      ...requested,
      state: 'failed',
      remainingRefundable: usd(2567),
      failure: { code: 'account_closed', recommendedAction: 'refund_by_check' },
      finishedTimestamp: story.reversedAt,
    },
  ),
  'refund.cancelled': event('A refund was withdrawn or rejected before any money left.', RefundData, {
    ...requested,
    state: 'cancelled',
    remainingRefundable: usd(2567),
    finishedTimestamp: story.reversedAt,
  }),
});
