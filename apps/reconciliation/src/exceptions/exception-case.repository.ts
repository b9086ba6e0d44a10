import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ExceptionLife } from '../domain/exception-life.ts';
import { EXCEPTION_COLUMNS, exceptionOf } from './work-exception.ts';
import type { ExceptionTableRow, HistoryEntry, WorkException } from './work-exception.ts';

export type ExceptionKey = Pick<WorkException, 'tenantId' | 'id'>;

/** A line of the history that is about to be written: of a change of state, or of what changes none. */
export type NewHistoryEntry = Pick<HistoryEntry, 'action' | 'actor' | 'note' | 'at'>;

const FIND = `SELECT ${EXCEPTION_COLUMNS} FROM exceptions e WHERE e.tenant_id = $1 AND e.id = $2`;
const LOCK = `${FIND} FOR UPDATE`;
const UPDATE = `
  UPDATE exceptions e
     SET state = $3, assignee = $4, resolution = $5, closed_at = $6, due_at = $7, reopened = $8, version = version + 1
   WHERE e.tenant_id = $1 AND e.id = $2 AND e.version = $9
  RETURNING ${EXCEPTION_COLUMNS}`;
const TELL = `
  INSERT INTO exception_events (tenant_id, exception_id, action, state, actor, assignee, resolution, note, at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
const HISTORY = `
  SELECT action, state, actor, assignee, resolution, note, at FROM exception_events
   WHERE tenant_id = $1 AND exception_id = $2 ORDER BY id`;
const HAS_SUCCESSOR = `
  SELECT 1 FROM exceptions
   WHERE tenant_id = $1 AND type = $2 AND subject_type = $3 AND subject_id = $4 AND closed_at IS NULL`;

@Injectable()
export class ExceptionCaseRepository {
  async find(tx: Tx, { tenantId, id }: ExceptionKey): Promise<WorkException | null> {
    const [row] = await tx.query<ExceptionTableRow>(FIND, [tenantId, id]);
    return row ? exceptionOf(row) : null;
  }

  async lock(tx: Tx, { tenantId, id }: ExceptionKey): Promise<WorkException | null> {
    const [row] = await tx.query<ExceptionTableRow>(LOCK, [tenantId, id]);
    return row ? exceptionOf(row) : null;
  }

  async update(tx: Tx, { tenantId, id, version }: WorkException, life: ExceptionLife): Promise<WorkException> {
    const { state, assignee, resolution, closedAt, dueAt, reopened } = life;
    const values = [tenantId, id, state, assignee, resolution, closedAt, dueAt, reopened, version];
    const [row] = await tx.query<ExceptionTableRow>(UPDATE, values);
    if (!row) throw new Error(`exception ${id} was changed although it is locked`);
    return exceptionOf(row);
  }

  async tell(tx: Tx, found: WorkException, { action, actor, note, at }: NewHistoryEntry): Promise<void> {
    const { tenantId, id, state, assignee, resolution } = found;
    await tx.execute(TELL, [tenantId, id, action, state, actor, assignee, resolution, note, at]);
  }

  history(tx: Tx, { tenantId, id }: ExceptionKey): Promise<HistoryEntry[]> {
    return tx.query<HistoryEntry>(HISTORY, [tenantId, id]);
  }

  /** Whether the same was found again since it was closed. */
  async hasSuccessor(tx: Tx, { tenantId, type, subject }: WorkException): Promise<boolean> {
    return (await tx.query(HAS_SUCCESSOR, [tenantId, type, subject.type, subject.id])).length > 0;
  }
}
