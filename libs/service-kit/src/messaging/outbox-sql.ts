import { dataschemaOf } from '@quittance/events/catalogue';
import type { EventType } from '@quittance/events/catalogue';
import { anyText, constant, object, plain, unlessNull } from './sql-json.ts';

/** SQL of what an event says, over the row that it tells of. */
export interface EventSql {
  /** A uuid, drawn once a row. */
  readonly id: string;
  readonly tenantId: string;
  readonly subject: string;
  readonly sequence: string;
  /** A text as `Date.toISOString` writes it. */
  readonly time: string;
  /** Texts, NULL where no event is the cause. */
  readonly correlationId: string;
  readonly causationId: string;
  /** JSON text. */
  readonly data: string;
}

/** The columns of the event log that a statement of ours gives. */
export const LOG_COLUMNS = 'id, tenant_id, type, subject, sequence, traceparent, body';

/** What was logged, queued for the relay: `logged` returns `seq, logged_at`. */
export const QUEUE = 'INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM logged';

/**
 * SQL of the body that `Outbox` would have made of the same event: for a statement that changes so many rows that they
 * had better not leave the database. It says itself what it changes, in `logged` (LOG_COLUMNS) and QUEUE, and its
 * caller asks `Outbox.appending`. A test compares the two, member by member.
 */
export function eventBodySql(service: string, type: EventType, event: EventSql): string {
  const { id, tenantId, subject, sequence, time, correlationId, causationId, data } = event;
  const body = object({
    specversion: constant('1.0'),
    id: plain(id),
    source: constant(`/quittance/${service}`),
    type: constant(type),
    subject: plain(subject),
    time: plain(time),
    datacontenttype: constant('application/json'),
    dataschema: constant(dataschemaOf(type)),
    tenantid: plain(tenantId),
    sequence: plain(`lpad((${sequence})::text, 10, '0')`),
    correlationid: anyText(`coalesce(${correlationId}, (${id})::text)`),
    causationid: unlessNull(anyText(causationId)),
    data,
  });
  return `convert_to(${body}, 'UTF8')`;
}
