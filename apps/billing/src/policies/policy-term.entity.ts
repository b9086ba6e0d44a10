import { EntitySchema } from 'typeorm';
import { date, uuid } from '@quittance/service-kit/database/columns';
import type { PolicyTerm } from '../domain/policy-term.ts';

export const PolicyTermEntity = new EntitySchema<PolicyTerm>({
  name: 'PolicyTerm',
  tableName: 'policy_terms',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    policyLocator: uuid('policy_locator', { primary: true }),
    number: { type: 'integer', name: 'number', primary: true },
    effectiveDate: date('effective_date'),
    expirationDate: date('expiration_date'),
    plan: { type: 'text', name: 'plan' },
    planVersion: { type: 'integer', name: 'plan_version' },
    state: { type: 'text', name: 'state' },
    isLast: { type: 'boolean', name: 'is_last', default: false },
    cancelledOn: date('cancelled_on', { nullable: true }),
  },
});
