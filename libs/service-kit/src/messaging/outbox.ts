import { encode, formatSequence } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { dataschemaOf } from '@quittance/events/catalogue';
import type { EventData, EventType } from '@quittance/events/catalogue';
import { byteaArray } from '../database/bytea-array.ts';
import type { Tx } from '../database/tx.ts';
import { newId } from '../id.ts';
import { currentTraceparent } from '../telemetry/trace.ts';
import { LOG_COLUMNS, QUEUE } from './outbox-sql.ts';

/**
 * An event about to be said. `sequence` is the aggregate's version after the change: one more than its last event's.
 */
export interface NewEvent<T extends EventType = EventType> {
  type: T;
  tenantId: string;
  /** The aggregate's id. */
  subject: string;
  sequence: number;
  data: EventData<T>;
  time: Date;
  /** The event that made us say this one: gives `causationid`, `correlationid` and the trace. */
  cause?: QuittanceEvent | undefined;
  /** Where the cause is not an event at hand but a stored row. */
  traceparent?: string | undefined;
  correlationId?: string | undefined;
}

const APPEND = `
  WITH logged AS (
    INSERT INTO event_log (${LOG_COLUMNS})
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::bytea[])
    RETURNING seq, logged_at
  )
  ${QUEUE}`;

/**
 * Events are logged and queued in the transaction of the change they tell of, so that there is no change without its
 * event and no event without its change. The relay publishes them after the commit. A statement that writes its own by
 * `outbox-sql.ts` goes by `appending`; nothing else leaves a service.
 *
 * The writer of an aggregate holds its row lock, so sequence order is commit order for each aggregate.
 */
export class Outbox {
  constructor(
    private readonly service: string,
    private readonly kick: () => void,
  ) {}

  async append(tx: Tx, news: readonly NewEvent[]): Promise<void> {
    if (news.length === 0) return;
    tx.afterCommit(this.kick);
    const trace = currentTraceparent();
    const events = news.map((event) => this.envelope(event));
    await tx.execute(APPEND, [
      events.map(({ id }) => id),
      news.map(({ tenantId }) => tenantId),
      news.map(({ type }) => type),
      news.map(({ subject }) => subject),
      news.map(({ sequence }) => sequence),
      news.map((event) => event.traceparent ?? event.cause?.traceparent ?? trace ?? null),
      byteaArray(events.map((event) => encode(event))),
    ]);
  }

  /**
   * For a statement that appends its events itself (outbox-sql.ts): the relay is woken after its commit.
   * @returns the trace that they belong to
   */
  appending(tx: Tx): string | null {
    tx.afterCommit(this.kick);
    return currentTraceparent() ?? null;
  }

  private envelope({ type, tenantId, subject, sequence, data, time, cause, correlationId }: NewEvent): QuittanceEvent {
    const id = newId();
    return {
      specversion: '1.0',
      id,
      source: `/quittance/${this.service}`,
      type,
      subject,
      time: time.toISOString(),
      datacontenttype: 'application/json',
      dataschema: dataschemaOf(type),
      tenantid: tenantId,
      sequence: formatSequence(sequence),
      correlationid: correlationId ?? cause?.correlationid ?? cause?.id ?? id,
      ...(cause ? { causationid: cause.id } : {}),
      data,
    };
  }
}
