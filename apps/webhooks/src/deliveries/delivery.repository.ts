import { Injectable } from '@nestjs/common';
import { byteaArray } from '@quittance/service-kit/database/bytea-array';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import type { DeliveryResult } from '../domain/delivery.ts';
import { JOB, MESSAGE } from './job-row.ts';
import type { DueEndpoint, Job, Message, NewDelivery, Settlement } from './job.ts';

const STORE = `
  WITH stored AS (
    INSERT INTO messages (tenant_id, id, event_type, subject, sequence, traceparent, occurred_at, body, is_test,
                          channels, position)
    SELECT m.tenant_id, m.id, m.event_type, m.subject, m.sequence, m.traceparent, m.occurred_at, m.body, m.is_test,
           m.channels::text[], m.position
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::timestamptz[],
                  $8::bytea[], $15::boolean[], $16::text[], $18::bigint[])
             AS m (tenant_id, id, event_type, subject, sequence, traceparent, occurred_at, body, is_test, channels,
                   position)
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, id, sequence
  )
  INSERT INTO deliveries (tenant_id, id, endpoint_id, message_id, shard, due_at, created_at, ordering_key, ordering_at)
  SELECT f.tenant_id, f.id, f.endpoint_id, f.message_id, f.shard, now(), $14, f.ordering_key,
         CASE WHEN f.ordering_key IS NOT NULL THEN coalesce(s.sequence, 0) END
    FROM unnest($9::uuid[], $10::uuid[], $11::uuid[], $12::uuid[], $13::smallint[], $17::text[])
           AS f (tenant_id, id, endpoint_id, message_id, shard, ordering_key)
    JOIN stored s ON s.tenant_id = f.tenant_id AND s.id = f.message_id
  RETURNING id`;

const DISCOVER = `
  SELECT due.tenant_id AS "tenantId", due.endpoint_id AS "endpointId", due.shard
    FROM unnest($1::smallint[]) AS owned (shard)
    CROSS JOIN LATERAL (
      WITH RECURSIVE next AS (
        (SELECT d.tenant_id, d.endpoint_id, d.shard, d.due_at FROM deliveries d
          WHERE d.shard = owned.shard ORDER BY d.endpoint_id, d.due_at LIMIT 1)
        UNION ALL
        SELECT n.* FROM next CROSS JOIN LATERAL (
          SELECT d.tenant_id, d.endpoint_id, d.shard, d.due_at FROM deliveries d
           WHERE d.shard = owned.shard AND d.endpoint_id > next.endpoint_id ORDER BY d.endpoint_id, d.due_at LIMIT 1) n
      )
      SELECT * FROM next
    ) due
   WHERE due.due_at <= now()`;

const LOAD = `
  SELECT ${JOB}
    FROM unnest($1::smallint[], $2::uuid[], $3::int[]) AS e (shard, endpoint_id, wanted)
    CROSS JOIN LATERAL (
      SELECT * FROM deliveries
       WHERE shard = e.shard AND endpoint_id = e.endpoint_id AND due_at <= now() ORDER BY due_at, id LIMIT e.wanted
    ) d ${MESSAGE}`;

const SETTLE = `
  WITH r AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::bigint[],
                         $8::smallint[], $9::text[], $10::smallint[], $11::text[], $12::timestamptz[], $13::int[],
                         $14::text[], $15::bytea[], $16::boolean[], $17::boolean[], $18::bigint[], $19::text[],
                         $20::timestamptz[], $22::int[], $23::int[], $24::int[], $25::int[], $26::inet[])
      AS r (tenant_id, id, delivery_id, endpoint_id, message_id, shard, epoch, n, outcome, status, error, started_at,
            duration_ms, headers, body, truncated, possible_duplicate, due_in_ms, result, created_at, dns_ms,
            connect_ms, tls_ms, first_byte_ms, remote_ip)
  ), held AS MATERIALIZED (
    SELECT l.shard, l.epoch FROM shard_leases l
     WHERE l.owner = $21 AND (l.shard, l.epoch) IN (SELECT r.shard, r.epoch FROM r) ORDER BY l.shard FOR KEY SHARE
  ), ok AS MATERIALIZED (
    SELECT r.*, now() + r.due_in_ms * interval '1 millisecond' AS next_due_at
      FROM r JOIN held ON held.shard = r.shard AND held.epoch = r.epoch
  ), gone AS (
    DELETE FROM deliveries d USING ok
     WHERE d.tenant_id = ok.tenant_id AND d.id = ok.delivery_id AND d.attempt = ok.n - 1 AND ok.result IS NOT NULL
    RETURNING ok.*
  ), waiting AS (
    UPDATE deliveries d SET attempt = ok.n, due_at = ok.next_due_at, last_status = ok.status, last_error = ok.error
      FROM ok
     WHERE d.tenant_id = ok.tenant_id AND d.id = ok.delivery_id AND d.attempt = ok.n - 1 AND ok.result IS NULL
    RETURNING ok.*
  ), settled AS (
    -- Whole rows, so that nothing is joined to them: of a batch in a CTE the planner expects one row, and loops.
    SELECT * FROM gone UNION ALL SELECT * FROM waiting
  ), said AS (
    INSERT INTO success_bodies (tenant_id, id, body)
    SELECT tenant_id, id, body FROM settled WHERE outcome = 'succeeded' AND body IS NOT NULL
  )
  INSERT INTO attempts (tenant_id, id, delivery_id, endpoint_id, message_id, n, outcome, status, error, started_at,
                        duration_ms, response_headers, response_body, response_truncated, possible_duplicate,
                        next_due_at, result, delivery_created_at, dns_ms, connect_ms, tls_ms, first_byte_ms, remote_ip)
  SELECT tenant_id, id, delivery_id, endpoint_id, message_id, n, outcome, status, error, started_at, duration_ms,
         headers::jsonb, CASE WHEN outcome <> 'succeeded' THEN body END, truncated, possible_duplicate,
         next_due_at, result, created_at, dns_ms, connect_ms, tls_ms, first_byte_ms, remote_ip
    FROM settled
  RETURNING delivery_id AS id`;

const COUNT_RESULTS = `
  SELECT delivery_id AS id, count(*)::int AS times FROM attempts
   WHERE tenant_id = ANY($1) AND delivery_id = ANY($2) AND result = $3 GROUP BY delivery_id`;

const timingColumns = ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs', 'remoteAddress'] as const;

/**
 * The hot path's SQL: one statement a batch, never one a delivery. Everything works by shard, over all tenants.
 *
 * What is due when is told by the database's clock alone: processes whose clocks differ share the rows, and a row that
 * was due before a takeover is one that the owner before may have sent.
 */
@Injectable()
export class DeliveryRepository {
  constructor(private readonly bodies: SealedBodies) {}

  /** Stores new messages with their deliveries; a message that is there already gets none. Answers what is new. */
  async store(tx: Tx, messages: readonly Message[], deliveries: readonly NewDelivery[], now: Date): Promise<string[]> {
    const m = messages;
    const d = deliveries;
    const bodies = await this.bodies.sealMessages(tx, messages);
    const rows = await tx.query<{ id: string }>(STORE, [
      ...[m.map((e) => e.tenantId), m.map((e) => e.id), m.map((e) => e.type), m.map((e) => e.subject)],
      ...[m.map((e) => e.sequence), m.map((e) => e.traceparent), m.map((e) => e.occurredAt)],
      byteaArray(bodies),
      ...[d.map((e) => e.tenantId), d.map((e) => e.id), d.map((e) => e.endpointId), d.map((e) => e.messageId)],
      ...[d.map((e) => e.shard), now, m.map((e) => e.isTest), m.map((e) => arrayLiteral(e.channels))],
      d.map((e) => e.orderingKey ?? null),
      m.map((e) => e.position ?? null),
    ]);
    return rows.map(({ id }) => id);
  }

  /** Endpoints of these shards with something due: one index step an endpoint, however long its queue is. */
  discover(tx: Tx, shards: readonly number[]): Promise<DueEndpoint[]> {
    return tx.query<DueEndpoint>(DISCOVER, [shards]);
  }

  /** What is due, oldest first, at most `wanted` an endpoint. `body` is null when the message is gone or erased. */
  async load(tx: Tx, endpoints: readonly (DueEndpoint & { wanted: number })[]): Promise<(Job & { dueAt: Date })[]> {
    const rows = await tx.query<Job & { dueAt: Date }>(LOAD, [
      ...[endpoints.map((e) => e.shard), endpoints.map((e) => e.endpointId), endpoints.map((e) => e.wanted)],
    ]);
    return this.bodies.openJobs(tx, rows);
  }

  /**
   * Writes down what came of a batch of attempts and answers the deliveries it settled. Fenced: only while owner and
   * epoch still hold the shard. Idempotent: only from the attempt before, so a repeat changes nothing. `now` is that of
   * the clock by which the attempts were judged: what is due is so long after the database's.
   */
  async settle(tx: Tx, owner: string, batch: readonly Settlement[], now: Date): Promise<string[]> {
    const b = batch;
    const bodies = await this.bodies.sealReplies(tx, batch);
    const rows = await tx.query<{ id: string }>(SETTLE, [
      ...[
        b.map((s) => s.job.tenantId),
        b.map((s) => s.attemptId),
        b.map((s) => s.job.id),
        b.map((s) => s.job.endpointId),
      ],
      ...[b.map((s) => s.job.messageId), b.map((s) => s.job.shard), b.map((s) => s.epoch), b.map((s) => s.n)],
      ...[b.map((s) => s.outcome), b.map((s) => s.reply.status), b.map((s) => s.reply.error)],
      ...[b.map((s) => s.reply.startedAt), b.map((s) => s.reply.durationMs)],
      b.map((s) => JSON.stringify(s.reply.headers)),
      ...[byteaArray(bodies), b.map((s) => s.reply.truncated)],
      ...[b.map((s) => s.possibleDuplicate), b.map((s) => dueInMs(s, now)), b.map((s) => s.verdict.result)],
      ...[b.map((s) => s.job.createdAt), owner],
      ...timingColumns.map((part) => b.map((s) => s.reply.timings[part])),
    ]);
    return rows.map(({ id }) => id);
  }

  /** How often each delivery has come to this result: one that is retried by hand may do so again. */
  async countResults(tx: Tx, jobs: readonly Job[], result: DeliveryResult): Promise<Map<string, number>> {
    const tenants = [...new Set(jobs.map(({ tenantId }) => tenantId))];
    const rows = await tx.query<{ id: string; times: number }>(COUNT_RESULTS, [
      tenants,
      jobs.map(({ id }) => id),
      result,
    ]);
    return new Map(rows.map(({ id, times }) => [id, times]));
  }
}

/** unnest() would flatten an array of arrays, so each one travels as the text of it. */
function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function dueInMs({ verdict }: Settlement, now: Date): number | null {
  return verdict.dueAt === null ? null : verdict.dueAt.getTime() - now.getTime();
}
