import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Schedule } from '../domain/schedule.ts';

export const ScheduleEntity = new EntitySchema<Schedule>({
  name: 'Schedule',
  tableName: 'schedules',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    policyLocator: uuid('policy_locator'),
    transactionId: uuid('transaction_id'),
    termNumber: { type: 'integer', name: 'term_number', default: 1 },
    plan: { type: 'text', name: 'plan' },
    planVersion: { type: 'integer', name: 'plan_version', default: 1 },
    state: { type: 'text', name: 'state' },
    currency: { type: 'char', length: 3, name: 'currency' },
    totalMinor: money('total_minor'),
    paidThrough: date('paid_through', { nullable: true }),
    version: { type: 'integer', name: 'version' },
    supersedesId: uuid('supersedes_id', { nullable: true }),
    createdAt: instant('created_at'),
  },
});
