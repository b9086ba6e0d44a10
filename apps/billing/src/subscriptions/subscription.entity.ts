import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Subscription } from '../domain/subscription.ts';

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });
const integer = (name: string) => ({ type: 'integer' as const, name });

export const SubscriptionEntity = new EntitySchema<Subscription>({
  name: 'Subscription',
  tableName: 'subscriptions',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    linkId: uuid('link_id', { nullable: true }),
    status: text('status'),
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3, name: 'currency' },
    interval: text('interval'),
    count: { ...integer('count'), nullable: true },
    billedCount: { ...integer('billed_count'), default: 0 },
    collectedCount: { ...integer('collected_count'), default: 0 },
    arrearsCount: { ...integer('arrears_count'), default: 0 },
    anchorOn: date('anchor_on'),
    nextIndex: { ...integer('next_index'), default: 1 },
    nextChargeOn: date('next_charge_on', { nullable: true }),
    nextChargeAt: instant('next_charge_at', { nullable: true }),
    timeZone: { ...text('time_zone'), default: 'UTC' },
    policyId: text('policy_id'),
    carrierId: text('carrier_id'),
    employerId: text('employer_id'),
    customer: { type: 'jsonb', name: 'customer', default: {} },
    paymentMethodId: uuid('payment_method_id', { nullable: true }),
    reviewReason: text('review_reason', true),
    version: integer('version'),
    createdAt: instant('created_at'),
  },
});
