import type { Money } from '@quittance/money/money';
import type { AgeBucket } from '../domain/ageing.ts';
import type { Role } from '../domain/chart.ts';
import type { ExceptionLife } from '../domain/exception-life.ts';
import type { WriteOffRequest } from '../domain/exception-write-off.ts';
import type { ExceptionType } from '../domain/exception.ts';

/** An exception as it is stored. */
export interface WorkException extends ExceptionLife {
  readonly tenantId: string;
  readonly id: string;
  readonly type: ExceptionType;
  readonly subject: { readonly type: string; readonly id: string };
  readonly amount: Money | null;
  readonly detail: string;
  readonly openedAt: Date;
  /** Raised by every change of state: the sequence of its last event. */
  readonly version: number;
}

/** One line of its history. Notes and steps of a write-off are lines, too, and change no state. */
export interface HistoryEntry {
  readonly action: string;
  readonly state: string;
  /** Null: it happened by itself. */
  readonly actor: string | null;
  readonly assignee: string | null;
  readonly resolution: string | null;
  readonly note: string | null;
  readonly at: Date;
}

export interface ExceptionWriteOff extends WriteOffRequest {
  readonly tenantId: string;
  readonly id: string;
  readonly exceptionId: string;
  readonly amount: Money;
  /** Where the difference stands. */
  readonly role: Role;
  readonly isSmall: boolean;
  readonly reason: string;
  readonly requestedAt: Date;
  readonly state: 'pending' | 'done' | 'withdrawn' | 'undone';
  readonly doneOn: string | null;
  readonly undoneOn: string | null;
  readonly bookedAt: Date | null;
}

export interface ExceptionCase {
  readonly exception: WorkException;
  readonly history: readonly HistoryEntry[];
  readonly writeOff: ExceptionWriteOff | null;
}

export interface AgeingOfType {
  readonly type: string;
  readonly total: number;
  readonly overdue: number;
  readonly buckets: Readonly<Record<AgeBucket, number>>;
}

export interface ExceptionTableRow {
  tenant_id: string;
  id: string;
  type: ExceptionType;
  subject_type: string;
  subject_id: string;
  amount_minor: string | null;
  currency: string | null;
  detail: string;
  state: WorkException['state'];
  assignee: string | null;
  resolution: string | null;
  reopened: number;
  version: number;
  opened_at: Date;
  due_at: Date;
  closed_at: Date | null;
}

export const EXCEPTION_COLUMNS = [
  ...['tenant_id', 'id', 'type', 'subject_type', 'subject_id', 'amount_minor', 'currency', 'detail', 'state'],
  ...['assignee', 'resolution', 'reopened', 'version', 'opened_at', 'due_at', 'closed_at'],
]
  .map((column) => `e.${column}`)
  .join(', ');

export function exceptionOf(row: ExceptionTableRow): WorkException {
  const { amount_minor: minor, currency } = row;
  return {
    ...{ tenantId: row.tenant_id, id: row.id, type: row.type, detail: row.detail },
    subject: { type: row.subject_type, id: row.subject_id },
    amount: minor === null || currency === null ? null : { minor: BigInt(minor), currency },
    ...{ state: row.state, assignee: row.assignee, resolution: row.resolution, reopened: row.reopened },
    ...{ version: row.version, openedAt: row.opened_at, dueAt: row.due_at, closedAt: row.closed_at },
  };
}
