import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Instalment } from '../domain/instalment.ts';

export interface StoredInstalment extends Instalment {
  /** The first instant of `dueOn` in the policy's zone. */
  readonly dueAt: Date;
  readonly writtenOffMinor: bigint;
}

export const InstalmentEntity = new EntitySchema<StoredInstalment>({
  name: 'Instalment',
  tableName: 'instalments',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    scheduleId: uuid('schedule_id'),
    policyLocator: uuid('policy_locator'),
    number: { type: 'integer', name: 'number' },
    dueOn: date('due_on'),
    originalDueOn: date('original_due_on'),
    dueAt: instant('due_at'),
    periodStart: date('period_start'),
    periodEnd: date('period_end'),
    currency: { type: 'char', length: 3, name: 'currency' },
    amountMinor: money('amount_minor'),
    allocatedMinor: money('allocated_minor'),
    writtenOffMinor: money('written_off_minor'),
    balanceMinor: money('balance_minor'),
    state: { type: 'text', name: 'state' },
    version: { type: 'integer', name: 'version' },
  },
});

export interface StoredLine {
  readonly tenantId: string;
  readonly instalmentId: string;
  readonly chargeId: string;
  readonly amountMinor: bigint;
}

export const InstalmentLineEntity = new EntitySchema<StoredLine>({
  name: 'InstalmentLine',
  tableName: 'instalment_lines',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    instalmentId: uuid('instalment_id', { primary: true }),
    chargeId: uuid('charge_id', { primary: true }),
    amountMinor: money('amount_minor'),
  },
});
