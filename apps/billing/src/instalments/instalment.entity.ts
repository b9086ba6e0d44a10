import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Instalment } from '../domain/instalment.ts';

export interface StoredInstalment extends Instalment {
  /** The first instant of `dueOn` in the policy's zone. */
  readonly dueAt: Date;
  readonly writtenOffMinor: bigint;
  /** From here on its invoice is issued. */
  readonly generateAt: Date;
  /** When its due date was announced; null before. */
  readonly announcedAt: Date | null;
  /** Where a method is charged on another date than the due date: that date, and its first instant. */
  readonly autopayOn: CalendarDate | null;
  readonly autopayAt: Date | null;
  readonly supersededBy: string | null;
  /** When it was told that it is to be paid soon. */
  readonly upcomingAt: Date | null;
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
    source: { type: 'text', name: 'source', default: 'plan' },
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
    generateAt: instant('generate_at'),
    announcedAt: instant('announced_at', { nullable: true }),
    autopayOn: date('autopay_on', { nullable: true }),
    autopayAt: instant('autopay_at', { nullable: true }),
    supersededBy: uuid('superseded_by', { nullable: true }),
    upcomingAt: instant('upcoming_at', { nullable: true }),
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
