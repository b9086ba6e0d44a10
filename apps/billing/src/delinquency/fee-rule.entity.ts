import { EntitySchema } from 'typeorm';
import { date, money, uuid } from '@quittance/service-kit/database/columns';
import type { FeeRule, FeeType } from '../domain/fee.ts';

export type StoredFeeRule = FeeRule & { readonly tenantId: string };

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });

export const FeeRuleEntity = new EntitySchema<StoredFeeRule>({
  name: 'FeeRule',
  tableName: 'fee_rules',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    type: text('type'),
    currency: { type: 'char', length: 3, name: 'currency' },
    jurisdiction: text('jurisdiction', true),
    line: text('line', true),
    effectiveFrom: date('effective_from'),
    effectiveTo: date('effective_to', { nullable: true }),
    amountMinor: money('amount_minor'),
    basisPoints: { type: 'integer', name: 'basis_points' },
    capMinor: money('cap_minor', { nullable: true }),
    afterDays: { type: 'integer', name: 'after_days' },
    citation: text('citation', true),
  },
});

/** That a debt, or a payment, had its fee. */
export interface AssessedFee {
  readonly tenantId: string;
  readonly type: FeeType;
  readonly causeId: string;
  readonly policyLocator: string;
  readonly assessedOn: string;
  /** The charge; null of what was assessed before that was kept. */
  readonly feeId: string | null;
}

export const AssessedFeeEntity = new EntitySchema<AssessedFee>({
  name: 'AssessedFee',
  tableName: 'assessed_fees',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    type: { ...text('type'), primary: true },
    causeId: uuid('cause_id', { primary: true }),
    policyLocator: uuid('policy_locator'),
    assessedOn: date('assessed_on'),
    feeId: uuid('fee_id', { nullable: true }),
  },
});
