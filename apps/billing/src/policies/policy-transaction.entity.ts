import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';
import type { TransactionType } from '../domain/transaction.ts';

/** A change of a policy that has money in it. The number counts the transactions of one policy. */
export interface PolicyTransaction {
  readonly tenantId: string;
  readonly id: string;
  readonly policyLocator: string;
  readonly number: number;
  readonly type: TransactionType;
  readonly state: 'pending' | 'applied' | 'invalidated';
  readonly effectiveDate: CalendarDate;
  readonly termNumber: number;
  /** What was asked for, beside the charges: dates, method, reason. */
  readonly request: Record<string, unknown>;
  readonly contentHash: Buffer | null;
  /** The transaction that this one undoes. */
  readonly invalidates: string | null;
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
    termNumber: { type: 'integer', name: 'term_number', default: 1 },
    request: { type: 'jsonb', name: 'request', default: {} },
    contentHash: { type: 'bytea', name: 'content_hash', nullable: true },
    invalidates: uuid('invalidates', { nullable: true }),
    version: { type: 'integer', name: 'version' },
    createdAt: instant('created_at'),
  },
});
