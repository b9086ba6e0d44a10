import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';

export type AttemptState = 'waiting' | 'requested' | 'posted' | 'failed' | 'cancelled';

export interface CollectionAttempt {
  readonly tenantId: string;
  readonly instalmentId: string;
  readonly attemptNo: number;
  readonly policyLocator: string;
  readonly state: AttemptState;
  readonly nextAttemptOn: CalendarDate;
  /** The first instant of that date in the policy's zone. */
  readonly nextAttemptAt: Date;
}

export const CollectionAttemptEntity = new EntitySchema<
  CollectionAttempt & { failureCode: string | null; failureCategory: string | null }
>({
  name: 'CollectionAttempt',
  tableName: 'collection_attempts',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    instalmentId: uuid('instalment_id', { primary: true }),
    attemptNo: { type: 'integer', name: 'attempt_no', primary: true },
    policyLocator: uuid('policy_locator'),
    state: { type: 'text', name: 'state' },
    nextAttemptOn: date('next_attempt_on'),
    nextAttemptAt: instant('next_attempt_at'),
    failureCode: { type: 'text', name: 'failure_code', nullable: true },
    failureCategory: { type: 'text', name: 'failure_category', nullable: true },
  },
});
