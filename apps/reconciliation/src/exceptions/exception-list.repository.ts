import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { OpenedRange } from '../domain/ageing.ts';
import { EXCEPTION_COLUMNS, exceptionOf } from './work-exception.ts';
import type { ExceptionTableRow, WorkException } from './work-exception.ts';

export interface ExceptionFilter {
  readonly type?: string | undefined;
  readonly state?: string | undefined;
  readonly assignee?: string | undefined;
  readonly subjectType?: string | undefined;
  readonly subjectId?: string | undefined;
  /** Of open ones only. */
  readonly opened?: OpenedRange | undefined;
  /** Those older than this one. */
  readonly before: string | null;
  readonly limit: number;
}

/** How many of a type were opened on a day, and how many of them should be done by now. */
export interface OpenedOnDay {
  readonly type: string;
  readonly openedOn: Date;
  readonly count: number;
  readonly overdue: number;
}

const AGEING = `
  SELECT type, date_trunc('day', opened_at, 'UTC') AS "openedOn", count(*)::int AS count,
         (count(*) FILTER (WHERE due_at < $2))::int AS overdue
    FROM exceptions WHERE tenant_id = $1 AND closed_at IS NULL
   GROUP BY type, "openedOn"`;

type Condition = readonly [sql: string, value: unknown];

/** One text for each set of filters that is used: beside "or there is no filter" an index could not be started from. */
function conditionsOf({ type, state, assignee, subjectType, subjectId, opened, before }: ExceptionFilter): Condition[] {
  const all: Condition[] = [
    ['e.type =', type],
    ['e.state =', state],
    ['e.assignee =', assignee],
    ['e.subject_type =', subjectType],
    ['e.subject_id =', subjectId],
    ['e.closed_at IS NULL AND e.opened_at >=', opened?.from],
    ['e.closed_at IS NULL AND e.opened_at <', opened?.before],
    ['e.id <', before],
  ];
  return all.filter(([, value]) => value !== undefined && value !== null);
}

@Injectable()
export class ExceptionListRepository {
  /** Newest first, one more than the page holds. */
  async page(tx: Tx, tenantId: string, filter: ExceptionFilter): Promise<WorkException[]> {
    const conditions = conditionsOf(filter);
    const where = conditions.map(([sql], at) => ` AND ${sql} $${at + 3}`).join('');
    const text = `SELECT ${EXCEPTION_COLUMNS} FROM exceptions e
       WHERE e.tenant_id = $1${where} ORDER BY e.id DESC LIMIT $2`;
    const rows = await tx.query<ExceptionTableRow>(text, [
      tenantId,
      filter.limit + 1,
      ...conditions.map(([, value]) => value),
    ]);
    return rows.map(exceptionOf);
  }

  ageing(tx: Tx, tenantId: string, now: Date): Promise<OpenedOnDay[]> {
    return tx.query<OpenedOnDay>(AGEING, [tenantId, now]);
  }
}
