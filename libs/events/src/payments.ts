import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, LocalDate, Reference, Text, WireAmount, nullable, oneOf } from './schema.ts';
import { instalmentId, story, usd } from './story.ts';

const Failure = Type.Object({
  code: Code,
  category: oneOf('soft', 'hard', 'needs_customer'),
  retryable: Type.Boolean(),
  recommendedAction: Code,
});

export const PaymentData = Type.Object(
  {
    locator: Id,
    displayId: Type.String(),
    state: oneOf('draft', 'ready', 'posted', 'declined', 'returned', 'discarded'),
    amount: WireAmount,
    method: nullable(oneOf('cash', 'check', 'wire', 'lockbox', 'card', 'ach')),
    channel: oneOf('api', 'autopay'),
    policyLocator: Type.Optional(Reference),
    policyholderLocator: Type.Optional(Reference),
    invoiceLocator: Type.Optional(Reference),
    statementLocator: Type.Optional(Reference),
    paymentMethodId: Type.Optional(Reference),
    merchantId: Type.Optional(Reference),
    locationId: Type.Optional(Reference),
    source: Type.Optional(
      Type.Object({ type: oneOf('instalment', 'subscription'), id: Id, attempt: Type.Integer({ minimum: 1 }) }),
    ),
    attemptNo: Type.Optional(Type.Integer({ minimum: 1 })),
    receivedDate: Type.Optional(LocalDate),
    effectiveDate: Type.Optional(LocalDate),
    createdTimestamp: Instant,
    postedTimestamp: Type.Optional(Instant),
    reversedTimestamp: Type.Optional(Instant),
    failure: Type.Optional(Failure),
    reversal: Type.Optional(
      Type.Object({ reversalId: Id, reason: Code, name: Type.Optional(Text), details: Type.Optional(Text) }),
    ),
  },
  { title: 'Payment' },
);
export type PaymentData = Static<typeof PaymentData>;

export const PaymentMethodData = Type.Object(
  {
    paymentMethodId: Id,
    type: oneOf('card', 'ach'),
    brand: Type.Optional(Type.String()),
    last4: Type.Optional(Type.String({ pattern: '^\\d{4}$' })),
    state: oneOf('active', 'expired', 'revoked', 'blocked'),
    policyholderLocator: Reference,
  },
  { title: 'PaymentMethod' },
);
export type PaymentMethodData = Static<typeof PaymentMethodData>;

const created: PaymentData = {
  locator: story.paymentLocator,
  displayId: 'P-000001',
  state: 'ready',
  amount: usd(2567),
  method: 'card',
  channel: 'autopay',
  policyLocator: story.policyLocator,
  policyholderLocator: story.policyholderLocator,
  invoiceLocator: story.invoiceLocator,
  paymentMethodId: story.paymentMethodId,
  source: { type: 'instalment', id: instalmentId(1), attempt: 1 },
  createdTimestamp: story.createdAt,
};
const processing: PaymentData = { ...created, attemptNo: 1 };
const posted: PaymentData = {
  ...processing,
  state: 'posted',
  effectiveDate: '2025-01-01',
  postedTimestamp: story.postedAt,
};

export const paymentsEvents = define('PAYMENTS', 'payments', {
  'payment.created': event('A payment exists; no money has moved yet.', PaymentData, created),
  'payment.processing': event('An attempt to collect has been handed to the provider.', PaymentData, processing),
  'payment.posted': event('The money counts as received.', PaymentData, posted),
  'payment.failed': event(
    'One attempt failed; the payment stays open and billing may ask again when `failure.retryable`.',
    PaymentData,
    {
      ...processing,
      failure: { code: 'insufficient_funds', category: 'soft', retryable: true, recommendedAction: 'retry_later' },
    },
  ),
  'payment.declined': event('The payment ended without money; a new effort is a new payment.', PaymentData, {
    ...processing,
    state: 'declined',
    failure: { code: 'stolen_card', category: 'hard', retryable: false, recommendedAction: 'new_payment_method' },
  }),
  'payment.reversed': event('A posted payment was undone; what it had paid is open again.', PaymentData, {
    ...posted,
    state: 'returned',
    reversedTimestamp: story.reversedAt,
    reversal: { reversalId: story.reversalId, reason: 'entered_in_error' },
  }),
  'payment.discarded': event('The payment was dropped before any money moved.', PaymentData, {
    locator: story.paymentLocator,
    displayId: 'P-000001',
    state: 'discarded',
    amount: usd(2567),
    method: null,
    channel: 'api',
    createdTimestamp: story.createdAt,
  }),
  'payment_method.added': event('A payment method was stored for a policyholder, by token.', PaymentMethodData, {
    paymentMethodId: story.paymentMethodId,
    type: 'card',
    brand: 'visa',
    last4: '4242',
    state: 'active',
    policyholderLocator: story.policyholderLocator,
  }),
});
