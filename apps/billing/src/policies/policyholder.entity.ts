import { EntitySchema } from 'typeorm';
import { uuid } from '@quittance/service-kit/database/columns';

/** Somebody to whom a policy was issued: money that names only them is theirs. */
export interface Policyholder {
  readonly tenantId: string;
  readonly locator: string;
}

export const PolicyholderEntity = new EntitySchema<Policyholder>({
  name: 'Policyholder',
  tableName: 'policyholders',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    locator: { type: 'text', name: 'locator', primary: true },
  },
});
