import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Id, Instant, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

const subscriptionProperties = {
  subscriptionId: Id,
  status: oneOf('incomplete', 'active', 'past_due', 'paused', 'cancelled', 'completed'),
  /** Of one period. */
  amount: WireAmount,
  interval: oneOf('monthly', 'quarterly'),
  /** How many periods in all; without it there is no end. */
  count: Type.Optional(Type.Integer({ minimum: 1 })),
  /** How many periods are paid in full. */
  collectedCount: Type.Integer({ minimum: 0 }),
  /** Absent while it is paused, and once no period is left to charge. */
  nextChargeDate: Type.Optional(LocalDate),
  policyId: Reference,
  carrierId: Reference,
  employerId: Reference,
  /** The link whose down payment started it. */
  linkId: Type.Optional(Id),
  paymentMethodId: Type.Optional(Id),
  createdTimestamp: Instant,
};

export const SubscriptionData = Type.Object(subscriptionProperties, { title: 'Subscription' });
export type SubscriptionData = Static<typeof SubscriptionData>;

/**
 * Starts a charge, or asks for a link where there is no method: payments makes one attempt per (period, attempt), and
 * one link per period.
 */
export const DueSubscriptionData = Type.Object(
  {
    ...subscriptionProperties,
    /** The source of the charge: of the subscription, the period has an id of its own. */
    periodId: Id,
    /** Which period: the first has the number 1. */
    number: Type.Integer({ minimum: 1 }),
    dueOn: LocalDate,
    periodStart: LocalDate,
    /** Half-open: the period ends where the next one starts. */
    periodEnd: LocalDate,
    /** What of the period is open. */
    balance: WireAmount,
    /** `invoice`: there is no method to charge, or none that can still be charged. */
    collection: oneOf('automatic', 'invoice'),
    policyLocator: Reference,
    policyholderLocator: Reference,
    invoiceLocator: Id,
    attempt: Type.Integer({ minimum: 1 }),
  },
  { title: 'DueSubscription' },
);
export type DueSubscriptionData = Static<typeof DueSubscriptionData>;

const created: SubscriptionData = {
  subscriptionId: story.subscriptionId,
  status: 'active',
  amount: usd(75000),
  interval: 'monthly',
  count: 10,
  collectedCount: 0,
  nextChargeDate: '2025-02-01',
  policyId: '682def789ghi012345678901',
  carrierId: '680abc456def789012345678',
  employerId: '681xyz789abc123456789012',
  linkId: story.linkId,
  paymentMethodId: story.paymentMethodId,
  createdTimestamp: story.postedAt,
};
const { nextChargeDate: _next, ...withoutNext } = created;
const collected: SubscriptionData = { ...created, collectedCount: 1, nextChargeDate: '2025-03-01' };

export const subscriptionEvents = define('BILLING', 'billing', {
  'subscription.created': event('A subscription exists, with its first charge date.', SubscriptionData, created),
  'subscription.due': event('A period is to be paid: this starts its charge, or a retry of it.', DueSubscriptionData, {
    ...{ ...created, nextChargeDate: '2025-03-01' },
    ...{ periodId: story.subscriptionPeriodId, number: 1, dueOn: '2025-02-01' },
    ...{ periodStart: '2025-02-01', periodEnd: '2025-03-01', balance: usd(75000), collection: 'automatic' },
    policyLocator: '682def789ghi012345678901',
    policyholderLocator: '681xyz789abc123456789012',
    invoiceLocator: story.subscriptionInvoiceLocator,
    attempt: 1,
  }),
  'subscription.activated': event('The first payment of one that waited for it has come.', SubscriptionData, collected),
  'subscription.past_due': event('A period was not paid when it was due, or its money went back.', SubscriptionData, {
    ...{ ...created, nextChargeDate: '2025-03-01' },
    status: 'past_due',
  }),
  'subscription.recovered': event('Every period that was past due is paid.', SubscriptionData, collected),
  'subscription.paused': event('Nothing is charged until it is resumed.', SubscriptionData, {
    ...withoutNext,
    status: 'paused',
  }),
  'subscription.resumed': event(
    'Periods are charged again, from the next charge date on.',
    SubscriptionData,
    collected,
  ),
  'subscription.cancelled': event('No more periods will be charged.', SubscriptionData, {
    ...withoutNext,
    status: 'cancelled',
  }),
  'subscription.completed': event('Every period is paid.', SubscriptionData, {
    ...{ ...withoutNext, collectedCount: 10 },
    status: 'completed',
  }),
});
