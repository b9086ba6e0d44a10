import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';

/** A change of a policy that has money in it. The number counts the transactions of one policy. */
export interface PolicyTransaction {
  readonly tenantId: string;
  readonly id: string;
  readonly policyLocator: string;
  readonly number: number;
  readonly type: 'issue';
  readonly state: 'pending' | 'applied' | 'invalidated';
  readonly effectiveDate: CalendarDate;
  readonly version: number;
  readonly createdAt: Date;
}

export const PolicyTransactionEntity = new EntitySchema<PolicyTransaction>({
  name: 'PolicyTransaction',
  tableName: 'policy_transactions',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    policyLocator: uuid('policy_locator'),
    number: { type: 'integer', name: 'number' },
    type: { type: 'text', name: 'type' },
    state: { type: 'text', name: 'state' },
    effectiveDate: date('effective_date'),
    version: { type: 'integer', name: 'version' },
    createdAt: instant('created_at'),
  },
});
