import { EntitySchema } from 'typeorm';
import { date, uuid } from '@quittance/service-kit/database/columns';
import type { DelinquencyRule } from '../domain/delinquency-rule.ts';

/** A tenant's own: the shipped examples are not among them. */
export type StoredDelinquencyRule = Omit<DelinquencyRule, 'isExample'> & { readonly tenantId: string };

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });
const integer = (name: string, nullable = false) => ({ type: 'integer' as const, name, nullable });

export const DelinquencyRuleEntity = new EntitySchema<StoredDelinquencyRule>({
  name: 'DelinquencyRule',
  tableName: 'delinquency_rules',
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
    noticeDays: integer('notice_days'),
    mailDays: integer('mail_days'),
    countMode: text('count_mode'),
    earliestSend: text('earliest_send'),
    cureUntil: text('cure_until'),
    cureDays: integer('cure_days', true),
    effectiveTime: text('effective_time'),
    holidays: { ...text('holidays'), array: true },
    recipients: { ...text('recipients'), array: true },
    proofType: text('proof_type'),
    citation: text('citation'),
    reviewedBy: text('reviewed_by'),
  },
});
