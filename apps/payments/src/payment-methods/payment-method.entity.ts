import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { PaymentMethod } from '../domain/payment-method.ts';

export const PaymentMethodEntity = new EntitySchema<PaymentMethod>({
  name: 'payment_method',
  tableName: 'payment_methods',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    version: { type: 'integer' },
    provider: { type: 'text' },
    token: { type: 'text' },
    type: { type: 'text' },
    brand: { type: 'text', nullable: true },
    last4: { type: 'text', nullable: true },
    expiresOn: date('expires_on', { nullable: true }),
    currency: { type: 'char', length: 3, nullable: true },
    fingerprint: { type: 'text', nullable: true },
    mandate: { type: 'jsonb', nullable: true },
    state: { type: 'text' },
    policyholderLocator: { type: 'text', name: 'policyholder_locator' },
    isDefault: { type: 'boolean', name: 'is_default' },
    expiryToldFor: date('expiry_told_for', { nullable: true }),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
  },
});
