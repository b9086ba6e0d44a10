import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Id, Instant, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const SubscriptionData = Type.Object(
  {
    subscriptionId: Id,
    status: oneOf('incomplete', 'active', 'past_due', 'paused', 'cancelled', 'completed'),
    amount: WireAmount,
    interval: oneOf('monthly', 'quarterly'),
    /** How many periods in all; without it there is no end. */
    count: Type.Optional(Type.Integer({ minimum: 1 })),
    collectedCount: Type.Integer({ minimum: 0 }),
    nextChargeDate: Type.Optional(LocalDate),
    policyId: Reference,
    carrierId: Reference,
    employerId: Reference,
    /** The link whose down payment started it. */
    linkId: Type.Optional(Id),
    paymentMethodId: Type.Optional(Id),
    createdTimestamp: Instant,
  },
  { title: 'Subscription' },
);
export type SubscriptionData = Static<typeof SubscriptionData>;

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

export const subscriptionEvents = define('BILLING', 'billing', {
  'subscription.created': event('A subscription exists, with its first charge date.', SubscriptionData, created),
  'subscription.cancelled': event('No more periods will be charged.', SubscriptionData, {
    ...created,
    status: 'cancelled',
  }),
});
