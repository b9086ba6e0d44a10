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
    plan: { type: 'text', name: 'plan' },
    state: { type: 'text', name: 'state' },
    currency: { type: 'char', length: 3, name: 'currency' },
    totalMinor: money('total_minor'),
    paidThrough: date('paid_through', { nullable: true }),
    version: { type: 'integer', name: 'version' },
    createdAt: instant('created_at'),
  },
});
