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
    collectedCount: { ...integer('collected_count'), default: 0 },
    anchorOn: date('anchor_on'),
    nextChargeOn: date('next_charge_on', { nullable: true }),
    policyId: text('policy_id'),
    carrierId: text('carrier_id'),
    employerId: text('employer_id'),
    paymentMethodId: uuid('payment_method_id', { nullable: true }),
    reviewReason: text('review_reason', true),
    version: integer('version'),
    createdAt: instant('created_at'),
  },
});
