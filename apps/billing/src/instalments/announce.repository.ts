import { Injectable } from '@nestjs/common';
import { LOG_COLUMNS, QUEUE, eventBodySql } from '@quittance/service-kit/messaging/outbox-sql';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { localDate, startOfDay } from '../domain/zone.ts';
import { held } from '../holds/held.sql.ts';
import { BILLED_JOINS, INSTALMENT, dueDataSql } from './instalment.sql.ts';

const body = eventBodySql('billing', 'instalment.due', {
  id: 'i.event_id',
  tenantId: 'i.tenant_id',
  subject: 'i.id',
  sequence: 'i.version',
  time: '$4::text',
  correlationId: 'i.correlation_id',
  causationId: 'i.causation_id',
  data: dueDataSql('1'),
});

// By the policy's own calendar.
const today = '($3::timestamptz AT TIME ZONE p.time_zone)::date';

// Everything is read after the locks were taken: what another sweep has announced meanwhile, and what is not owed any
// more, is left out. So is what a hold keeps from being charged, whoever announces: the sweep takes it up after that.
// `instalment.due` starts the first charge where no other date was agreed for it.
const ANNOUNCE = `
  WITH told AS (
    UPDATE instalments i SET announced_at = $3, version = o.version
      FROM (
        SELECT i.tenant_id, i.id, i.policy_locator, i.due_at, i.version, i.event_id, i.traceparent, ${body} AS body,
               CASE WHEN p.collection = 'automatic' AND i.autopay_at IS NULL THEN p.time_zone END AS charged_in
          FROM (
            SELECT n.correlation_id, n.causation_id, n.traceparent, i.*, uuidv7() AS event_id
              FROM unnest($1::uuid[], $2::uuid[], $8::text[], $9::text[], $10::text[])
                AS n (tenant_id, id, correlation_id, causation_id, traceparent)
             CROSS JOIN LATERAL (
              SELECT i.tenant_id, i.id, ${INSTALMENT}, i.due_at, i.version + 1 AS version FROM instalments i
               WHERE i.tenant_id = n.tenant_id AND i.id = n.id
                 AND i.announced_at IS NULL AND i.state IN ('billed', 'partially_paid') OFFSET 0) i OFFSET 0) i
          ${BILLED_JOINS}
         WHERE s.state <> 'draft' AND (p.collection <> 'automatic' OR NOT ${held('autopay', today)}) OFFSET 0) o
     WHERE i.tenant_id = o.tenant_id AND i.id = o.id AND i.version = o.version - 1
    RETURNING o.*
  ), taken AS (
    DELETE FROM announcement_queue q USING told t
     WHERE q.tenant_id = t.tenant_id AND q.due_at = t.due_at AND q.id = t.id
  ), logged AS (
    INSERT INTO event_log (${LOG_COLUMNS})
    SELECT event_id, tenant_id, 'instalment.due', id::text, version, coalesce(traceparent, $11), body FROM told
    RETURNING seq, logged_at
  ), queued AS (
    ${QUEUE}
  ), asked AS (
    INSERT INTO collection_attempts
      (tenant_id, instalment_id, attempt_no, policy_locator, state, next_attempt_on, next_attempt_at)
    SELECT t.tenant_id, t.id, 1, t.policy_locator, 'requested', z.today, z.began
      FROM told t JOIN unnest($5::text[], $6::date[], $7::timestamptz[]) AS z (name, today, began)
        ON z.name = t.charged_in
    RETURNING 1
  )
  SELECT count(*)::int AS announced FROM told`;

/** Which instalments, and when; lists in the database's own notation, so that they need not be taken apart here. */
export interface Announcement {
  readonly tenantIds: string | readonly string[];
  readonly ids: string | readonly string[];
  readonly now: Date;
  /** The zones of their policies. */
  readonly zones: readonly string[];
  /** What made them due, one by one, where it was no sweep. */
  readonly causes?: Causes;
}

export interface Causes {
  readonly correlationIds: readonly (string | null)[];
  readonly causationIds: readonly (string | null)[];
  readonly traceparents: readonly (string | null)[];
}

/** Says `instalment.due`, in the one statement that changes the instalments: they never leave the database. */
@Injectable()
export class AnnounceRepository {
  constructor(private readonly outbox: Outbox) {}

  /** The caller holds the locks of their policies. @returns how many it announced */
  async announce(tx: Tx, announcement: Announcement): Promise<number> {
    const { tenantIds, ids, now, zones, causes } = announcement;
    const trace = this.outbox.appending(tx);
    const dates = zones.map((zone) => localDate(now, zone));
    const [counts] = await tx.query<{ announced: number }>(ANNOUNCE, [
      ...[tenantIds, ids, now, now.toISOString()],
      ...[zones, dates, zones.map((zone, index) => startOfDay(dates[index]!, zone))],
      ...[causes?.correlationIds ?? null, causes?.causationIds ?? null, causes?.traceparents ?? null, trace],
    ]);
    return counts!.announced;
  }
}
