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
    channel: oneOf('api', 'autopay', 'link', 'lockbox', 'cash', 'agent'),
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
    linkId: Type.Optional(Id),
    /** The declined payment that this one is a new effort for, or a late success of. */
    retryOf: Type.Optional(Id),
    /** The provider's own name of the charge. */
    providerRef: Type.Optional(Type.String({ maxLength: 200 })),
    amountRefunded: Type.Optional(WireAmount),
    refundStatus: Type.Optional(oneOf('none', 'partial', 'full')),
    amountDisputed: Type.Optional(WireAmount),
    /** Nobody asked for this money: it waits in suspense until a person decides. */
    toSuspense: Type.Optional(Type.Boolean()),
    settlement: Type.Optional(oneOf('pending', 'settled', 'failed')),
    receivedDate: Type.Optional(LocalDate),
    effectiveDate: Type.Optional(LocalDate),
    createdTimestamp: Instant,
    authorizedTimestamp: Type.Optional(Instant),
    /** Until when an authorisation can be captured. */
    authorizationExpiresTimestamp: Type.Optional(Instant),
    postedTimestamp: Type.Optional(Instant),
    reversedTimestamp: Type.Optional(Instant),
    returnedTimestamp: Type.Optional(Instant),
    failure: Type.Optional(Failure),
    reversal: Type.Optional(
      Type.Object({
        reversalId: Id,
        reason: Code,
        /** A fault of the payer's side, such as insufficient funds: what a fee may be charged for. */
        pejorative: Type.Optional(Type.Boolean()),
        /** The business date of the undoing. */
        executedDate: Type.Optional(LocalDate),
        name: Type.Optional(Text),
        details: Type.Optional(Text),
      }),
    ),
    return: Type.Optional(
      Type.Object({
        scheme: oneOf('ach', 'sepa_dd', 'bacs_dd', 'card', 'check'),
        /** `R01` … of NACHA, `chargeback` for a lost dispute. */
        code: Code,
        pejorative: Type.Boolean(),
        /** The business date of the bank's return. */
        returnedDate: LocalDate,
      }),
    ),
    action: Type.Optional(Type.Object({ type: Code, expiresTimestamp: Type.Optional(Instant) })),
    /** Something that a person has to look at; the payment's state does not change by it. */
    flag: Type.Optional(
      Type.Object({
        flagId: Id,
        reason: oneOf(
          'amount_mismatch',
          'contradiction',
          'late_success',
          'double_recovery',
          'unresolved',
          'unmatched_notification',
          'paid_twice',
        ),
        /** The amount in question, where it is not the payment's. */
        amount: Type.Optional(WireAmount),
        detail: Type.Optional(Text),
      }),
    ),
  },
  { title: 'Payment' },
);
export type PaymentData = Static<typeof PaymentData>;

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
  'payment.authorised': event('The amount is held at the provider; capture or void follows.', PaymentData, {
    ...created,
    channel: 'api',
    authorizedTimestamp: story.postedAt,
    authorizationExpiresTimestamp: '2025-01-08T12:00:01.250Z',
  }),
  'payment.voided': event('An authorisation was given back; no money has moved.', PaymentData, {
    ...created,
    channel: 'api',
    state: 'discarded',
    authorizedTimestamp: story.postedAt,
  }),
  'payment.action_required': event('The customer has to do something at the provider before it goes on.', PaymentData, {
    ...processing,
    action: { type: 'authenticate', expiresTimestamp: '2025-01-01T13:00:01.250Z' },
  }),
  'payment.returned': event('The bank took a posted payment back; what it had paid is open again.', PaymentData, {
    ...posted,
    state: 'returned',
    method: 'ach',
    returnedTimestamp: story.reversedAt,
    return: { scheme: 'ach', code: 'R01', pejorative: true, returnedDate: '2025-01-06' },
  }),
  'payment.settled': event('The money of a posted payment was seen at the bank.', PaymentData, {
    ...posted,
    settlement: 'settled',
  }),
  'payment.flagged': event('A person has to look at this payment; its state is as it was.', PaymentData, {
    ...processing,
    flag: { flagId: story.flagId, reason: 'amount_mismatch', amount: usd(257) },
  }),
});
