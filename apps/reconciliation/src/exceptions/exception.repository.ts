import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { exceptionTypes } from '../domain/exception.ts';
import type { ExceptionType, Finding } from '../domain/exception.ts';
import { exceptionEvent } from './exception-event.ts';
import { EXCEPTION_COLUMNS, exceptionOf } from './work-exception.ts';
import type { ExceptionTableRow } from './work-exception.ts';

const HOUR_MS = 3_600_000;
const OPEN = `
  WITH opened AS (
    INSERT INTO exceptions AS e
      (tenant_id, id, type, subject_type, subject_id, amount_minor, currency, detail, opened_at, due_at)
    SELECT f.tenant_id, f.id, f.type, f.subject_type, f.subject_id, f.amount, f.currency, f.detail, $9, f.due_at
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                  $10::timestamptz[])
           f (tenant_id, id, type, subject_type, subject_id, amount, currency, detail, due_at)
    ON CONFLICT (tenant_id, type, subject_type, subject_id) WHERE closed_at IS NULL DO NOTHING
    RETURNING ${EXCEPTION_COLUMNS}
  ), told AS (
    INSERT INTO exception_events (tenant_id, exception_id, action, state, at)
    SELECT tenant_id, id, 'open', state, opened_at FROM opened
  )
  SELECT * FROM opened`;
const CLOSE = `
  WITH closed AS (
    UPDATE exceptions e
       SET state = 'auto_closed', closed_at = $4, resolution = 'auto_closed', version = e.version + 1
      FROM unnest($1::uuid[], $2::text[], $3::text[]) s (tenant_id, subject_type, subject_id)
     WHERE e.tenant_id = s.tenant_id AND e.subject_type = s.subject_type AND e.subject_id = s.subject_id
       AND e.closed_at IS NULL AND e.type = ANY($5::text[])
    RETURNING ${EXCEPTION_COLUMNS}
  ), told AS (
    INSERT INTO exception_events (tenant_id, exception_id, action, state, resolution, at)
    SELECT tenant_id, id, 'auto_close', state, resolution, closed_at FROM closed
  ), withdrawn AS (
    UPDATE exception_write_offs w SET state = 'withdrawn' FROM closed c
     WHERE w.tenant_id = c.tenant_id AND w.exception_id = c.id AND w.state = 'pending'
  )
  SELECT * FROM closed`;

/** An exception that was opened or closed just now. */
export interface ExceptionRow {
  readonly id: string;
  readonly type: ExceptionType;
}

/**
 * How findings become work for people, and stop being it by themselves. The row, its history and its event are one
 * transaction, whoever calls: a worker, a consumer, or a file's reader.
 */
@Injectable()
export class ExceptionRepository {
  constructor(private readonly outbox: Outbox) {}

  /** Opens those that are not open already. @returns the new ones */
  async open(tx: Tx, findings: readonly Finding[], now: Date): Promise<ExceptionRow[]> {
    if (findings.length === 0) return [];
    const rows = await tx.query<ExceptionTableRow>(OPEN, [
      findings.map(({ tenantId }) => tenantId),
      findings.map(() => newId()),
      findings.map(({ type }) => type),
      findings.map(({ subject }) => subject.type),
      findings.map(({ subject }) => subject.id),
      findings.map(({ amount }) => amount?.minor.toString() ?? null),
      findings.map(({ amount }) => amount?.currency ?? null),
      findings.map(({ detail }) => detail),
      now,
      findings.map(({ type }) => new Date(now.getTime() + exceptionTypes[type].dueHours * HOUR_MS)),
    ]);
    return this.told(tx, rows, 'open', now);
  }

  /** Closes what has become untrue by itself. @returns what was open */
  async close(
    tx: Tx,
    subjects: readonly Pick<Finding, 'tenantId' | 'subject'>[],
    types: readonly ExceptionType[],
    now: Date,
  ): Promise<ExceptionRow[]> {
    if (subjects.length === 0) return [];
    const rows = await tx.query<ExceptionTableRow>(CLOSE, [
      subjects.map(({ tenantId }) => tenantId),
      subjects.map(({ subject }) => subject.type),
      subjects.map(({ subject }) => subject.id),
      now,
      types,
    ]);
    return this.told(tx, rows, 'auto_close', now);
  }

  private async told(tx: Tx, rows: readonly ExceptionTableRow[], action: 'open' | 'auto_close', now: Date) {
    const events = rows.map((row) => exceptionEvent(exceptionOf(row), action, now));
    await this.outbox.append(tx, events);
    return rows.map(({ id, type }) => ({ id, type }));
  }
}
