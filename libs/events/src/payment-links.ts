import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Id, Instant, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

/** Neither the address nor its token, nor the customer: who may know them reads the link over the API. */
export const PaymentLinkData = Type.Object(
  {
    linkId: Id,
    status: oneOf('active', 'processing', 'completed', 'expired', 'cancelled', 'refunded', 'partially_refunded'),
    paymentType: oneOf('down_payment', 'late_payment', 'extra_payment', 'installment'),
    amount: WireAmount,
    policyId: Reference,
    carrierId: Reference,
    employerId: Reference,
    invoiceLocator: Type.Optional(Reference),
    paymentLocator: Type.Optional(Id),
    amountRefunded: Type.Optional(WireAmount),
    /** What follows the down payment: billing makes one subscription of it. */
    installmentPlan: Type.Optional(
      Type.Object({
        count: Type.Integer({ minimum: 1 }),
        interval: oneOf('monthly', 'quarterly'),
        perInstallment: WireAmount,
      }),
    ),
    /** The subscription that it started, or a period of which is paid with it. */
    subscriptionId: Type.Optional(Id),
    /** The method that the customer agreed to have stored for what follows. */
    paymentMethodId: Type.Optional(Id),
    expiresTimestamp: Instant,
    createdTimestamp: Instant,
    completedTimestamp: Type.Optional(Instant),
  },
  { title: 'PaymentLink' },
);
export type PaymentLinkData = Static<typeof PaymentLinkData>;

const created: PaymentLinkData = {
  linkId: story.linkId,
  status: 'active',
  paymentType: 'down_payment',
  amount: usd(250000),
  policyId: '682def789ghi012345678901',
  carrierId: '680abc456def789012345678',
  employerId: '681xyz789abc123456789012',
  installmentPlan: { count: 10, interval: 'monthly', perInstallment: usd(75000) },
  expiresTimestamp: '2025-01-31T12:00:00.000Z',
  createdTimestamp: story.createdAt,
};
const completed: PaymentLinkData = {
  ...created,
  status: 'completed',
  paymentLocator: story.paymentLocator,
  paymentMethodId: story.paymentMethodId,
  completedTimestamp: story.postedAt,
};

export const paymentLinkEvents = define('PAYMENTS', 'payments', {
  'payment_link.created': event('A payment link was made.', PaymentLinkData, created),
  'payment_link.viewed': event('Somebody opened the page of a link for the first time.', PaymentLinkData, created),
  'payment_link.processing': event(
    'A payment is under way: for a moment with most cards, for days with some methods.',
    PaymentLinkData,
    {
      ...created,
      status: 'processing',
      paymentLocator: story.paymentLocator,
    },
  ),
  'payment_link.reopened': event('The payment failed, the link can be paid again.', PaymentLinkData, created),
  'payment_link.completed': event(
    'Paid. With an installment plan billing makes its subscription now.',
    PaymentLinkData,
    completed,
  ),
  'payment_link.expired': event('Nobody paid in time.', PaymentLinkData, { ...created, status: 'expired' }),
  'payment_link.cancelled': event('Withdrawn, or paid elsewhere.', PaymentLinkData, {
    ...created,
    status: 'cancelled',
  }),
  'payment_link.refunded': event('All of it was given back.', PaymentLinkData, {
    ...{ ...completed, status: 'refunded' },
    amountRefunded: usd(250000),
  }),
  'payment_link.partially_refunded': event('A part of it was given back.', PaymentLinkData, {
    ...{ ...completed, status: 'partially_refunded' },
    amountRefunded: usd(50000),
  }),
});
