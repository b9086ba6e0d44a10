import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { Policy } from '../domain/policy.ts';

export type StoredPolicy = Policy & { contentHash: Buffer };

export const PolicyEntity = new EntitySchema<StoredPolicy>({
  name: 'Policy',
  tableName: 'policies',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    locator: uuid('locator', { primary: true }),
    policyNumber: { type: 'text', name: 'policy_number' },
    policyholderLocator: { type: 'text', name: 'policyholder_locator' },
    currency: { type: 'char', length: 3, name: 'currency' },
    timeZone: { type: 'text', name: 'time_zone' },
    jurisdiction: { type: 'text', name: 'jurisdiction', nullable: true },
    line: { type: 'text', name: 'line', nullable: true },
    billingMethod: { type: 'text', name: 'billing_method' },
    producerId: { type: 'text', name: 'producer_id', nullable: true },
    financerId: { type: 'text', name: 'financer_id', nullable: true },
    mortgageeId: { type: 'text', name: 'mortgagee_id', nullable: true },
    effectiveDate: date('effective_date'),
    expirationDate: date('expiration_date'),
    plan: { type: 'text', name: 'plan' },
    collection: { type: 'text', name: 'collection' },
    paymentMethodId: { type: 'text', name: 'payment_method_id', nullable: true },
    contentHash: { type: 'bytea', name: 'content_hash' },
    dueDay: { type: 'smallint', name: 'due_day', nullable: true },
    version: { type: 'integer', name: 'version', default: 1 },
    createdAt: instant('created_at'),
  },
});
