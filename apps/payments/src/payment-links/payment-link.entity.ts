import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { PaymentLink } from '../domain/payment-link.ts';

const text = (name: string, nullable = false) => ({ type: 'text', name, nullable }) as const;

export const PaymentLinkEntity = new EntitySchema<PaymentLink>({
  name: 'payment_link',
  tableName: 'payment_links',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    version: { type: 'integer' },
    keyId: text('key_id'),
    status: { type: 'text' },
    paymentType: text('payment_type'),
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3 },
    policyId: text('policy_id'),
    carrierId: text('carrier_id'),
    employerId: text('employer_id'),
    customer: { type: 'jsonb' },
    planCount: { type: 'integer', name: 'plan_count', nullable: true },
    planInterval: text('plan_interval', true),
    planPerInstallmentMinor: money('plan_per_installment_minor', { nullable: true }),
    metadata: { type: 'jsonb' },
    invoiceLocator: text('invoice_locator', true),
    payeeName: text('payee_name', true),
    dueOn: date('due_on', { nullable: true }),
    paymentId: uuid('payment_id', { nullable: true }),
    attempts: { type: 'integer' },
    amountRefundedMinor: money('amount_refunded_minor'),
    paymentMethodId: uuid('payment_method_id', { nullable: true }),
    subscriptionId: uuid('subscription_id', { nullable: true }),
    subscriptionPeriodId: uuid('subscription_period_id', { nullable: true }),
    expiresAt: instant('expires_at'),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    viewedAt: instant('viewed_at', { nullable: true }),
    completedAt: instant('completed_at', { nullable: true }),
  },
});
