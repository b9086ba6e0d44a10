import { EntitySchema } from 'typeorm';
import { date, money, uuid } from '@quittance/service-kit/database/columns';
import type { DelinquencyPlan } from '../domain/delinquency-plan.ts';

export type StoredDelinquencyPlan = DelinquencyPlan & { readonly tenantId: string };

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });
const integer = (name: string, nullable = false) => ({ type: 'integer' as const, name, nullable });

export const DelinquencyPlanEntity = new EntitySchema<StoredDelinquencyPlan>({
  name: 'DelinquencyPlan',
  tableName: 'delinquency_plans',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    name: text('name'),
    currency: { type: 'char', length: 3, name: 'currency' },
    jurisdiction: text('jurisdiction', true),
    line: text('line', true),
    effectiveFrom: date('effective_from'),
    effectiveTo: date('effective_to', { nullable: true }),
    level: text('level'),
    graceDays: integer('grace_days'),
    graceMonths: integer('grace_months', true),
    coveredMonths: integer('covered_months', true),
    reminderDays: { ...integer('reminder_days'), array: true },
    noticeAfterDays: integer('notice_after_days'),
    retryDays: { ...integer('retry_days'), array: true },
    toleranceMinor: money('tolerance_minor'),
    notTaken: text('not_taken'),
    agency: text('agency'),
    renoticesOnJoin: { type: 'boolean', name: 'renotices_on_join' },
    reinstatementDays: integer('reinstatement_days'),
  },
});
