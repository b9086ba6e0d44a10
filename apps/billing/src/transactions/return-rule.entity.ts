import { EntitySchema } from 'typeorm';
import { date, money, uuid } from '@quittance/service-kit/database/columns';
import type { ReturnRule } from '../domain/return-rule.ts';

export type StoredReturnRule = ReturnRule & { readonly tenantId: string };

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });
const integer = (name: string, nullable = false) => ({ type: 'integer' as const, name, nullable });

export const ReturnRuleEntity = new EntitySchema<StoredReturnRule>({
  name: 'ReturnRule',
  tableName: 'return_rules',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    jurisdiction: text('jurisdiction', true),
    line: text('line', true),
    reason: text('reason', true),
    tenureFromDays: integer('tenure_from_days'),
    tenureToDays: integer('tenure_to_days', true),
    effectiveFrom: date('effective_from'),
    effectiveTo: date('effective_to', { nullable: true }),
    methods: { ...text('methods'), array: true },
    dueDays: integer('due_days'),
    countFrom: text('count_from'),
    returnedAtLeast: money('returned_at_least'),
    latePart: money('late_part', { nullable: true }),
    returnsFeesOnFlat: { type: 'boolean', name: 'returns_fees_on_flat' },
    shortRateTable: { type: 'jsonb', name: 'short_rate_table', nullable: true },
    citation: text('citation'),
    reviewedBy: text('reviewed_by'),
  },
});
