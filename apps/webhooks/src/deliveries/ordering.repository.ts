import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { JOB, MESSAGE } from './job-row.ts';
import type { DueEndpoint, Job, Settlement } from './job.ts';
import type { KeyLine } from './key-line.ts';

export interface OrderedEndpoint extends DueEndpoint {
  readonly wanted: number;
  /** Nothing of a key may be open before what is sent; otherwise nothing that was never tried. */
  readonly blocks: boolean;
  readonly line: KeyLine;
}

interface SweptRow {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly ids: readonly string[];
  readonly after: string | null;
  readonly isEnd: boolean;
}

const keysPerSweep = 1_000;
const hotPerLoad = 200;

/**
 * The head of one key after the other: one index step a key, however much is blocked behind it. What was tried already
 * is found by TRIED, so a head that was tried is passed over here, and what it blocks with it.
 */
const SWEEP = `
  SELECT e.tenant_id AS "tenantId", e.endpoint_id AS "endpointId", h.ids, h.after, h.is_end AS "isEnd"
    FROM unnest($1::smallint[], $2::uuid[], $3::int[], $4::boolean[], $5::text[], $6::uuid[])
           AS e (shard, endpoint_id, wanted, blocks, after, tenant_id)
    CROSS JOIN LATERAL (
      WITH RECURSIVE head AS (
        (SELECT d.id, d.ordering_key, d.attempt = 0 AND d.due_at <= now() AS is_due, 1 AS n, 0 AS due FROM deliveries d
          WHERE d.shard = e.shard AND d.endpoint_id = e.endpoint_id AND d.ordering_key > e.after
            AND (e.blocks OR d.attempt = 0) ORDER BY d.ordering_key, d.ordering_at, d.id LIMIT 1)
        UNION ALL
        SELECT n.id, n.ordering_key, n.is_due, head.n + 1, head.due + head.is_due::int
          FROM head CROSS JOIN LATERAL (
            SELECT d.id, d.ordering_key, d.attempt = 0 AND d.due_at <= now() AS is_due FROM deliveries d
             WHERE d.shard = e.shard AND d.endpoint_id = e.endpoint_id AND d.ordering_key > head.ordering_key
               AND (e.blocks OR d.attempt = 0) ORDER BY d.ordering_key, d.ordering_at, d.id LIMIT 1) n
         WHERE head.n < ${keysPerSweep} AND head.due < e.wanted
      )
      SELECT coalesce(array_agg(id) FILTER (WHERE is_due), '{}') AS ids, max(ordering_key) AS after,
             count(*) < ${keysPerSweep} AND count(*) FILTER (WHERE is_due) < e.wanted AS is_end
        FROM head
    ) h`;

/** Heads that the sweep found, heads of keys that memory knows to have a new one, and what is tried again. */
const LOAD = `
  WITH picked AS (
    SELECT tenant_id, id FROM unnest($1::uuid[], $10::uuid[]) AS swept (id, tenant_id)
    UNION
    SELECT h.tenant_id, h.id
      FROM unnest($2::smallint[], $3::uuid[], $4::boolean[], $5::text[]) AS k (shard, endpoint_id, blocks, key)
      CROSS JOIN LATERAL (
        SELECT tenant_id, id, attempt, due_at FROM deliveries
         WHERE shard = k.shard AND endpoint_id = k.endpoint_id AND ordering_key = k.key AND (k.blocks OR attempt = 0)
         ORDER BY ordering_at, id LIMIT 1
      ) h
     WHERE h.attempt = 0 AND h.due_at <= now()
    UNION
    SELECT t.tenant_id, t.id
      FROM unnest($6::smallint[], $7::uuid[], $8::int[], $9::boolean[]) AS e (shard, endpoint_id, wanted, blocks)
      CROSS JOIN LATERAL (
        SELECT q.tenant_id, q.id FROM deliveries q
         WHERE q.shard = e.shard AND q.endpoint_id = e.endpoint_id AND q.ordering_key IS NOT NULL AND q.attempt > 0
           AND q.due_at <= now() AND NOT (e.blocks AND EXISTS (
             SELECT FROM deliveries o
              WHERE o.shard = q.shard AND o.endpoint_id = q.endpoint_id AND o.ordering_key = q.ordering_key
                AND (o.ordering_at, o.id) < (q.ordering_at, q.id)))
         ORDER BY q.due_at, q.id LIMIT e.wanted
      ) t
  )
  SELECT ${JOB}, d.ordering_key AS "orderingKey", g.missed AS gap
    FROM picked JOIN deliveries d ON d.tenant_id = picked.tenant_id AND d.id = picked.id ${MESSAGE}
    LEFT JOIN LATERAL (
      SELECT string_agg(message_id::text, ', ' ORDER BY delivery_id) AS missed FROM ordering_gaps
       WHERE tenant_id = d.tenant_id AND endpoint_id = d.endpoint_id AND ordering_key = d.ordering_key
    ) g ON true
   ORDER BY d.due_at, d.id`;

/** Outside of any order, because they are older than it. */
const LOAD_LOOSE = `
  SELECT ${JOB}
    FROM unnest($1::smallint[], $2::uuid[], $3::int[]) AS e (shard, endpoint_id, wanted)
    CROSS JOIN LATERAL (
      SELECT * FROM deliveries
       WHERE shard = e.shard AND endpoint_id = e.endpoint_id AND due_at <= now() AND ordering_key IS NULL
       ORDER BY due_at, id LIMIT e.wanted
    ) d ${MESSAGE}`;

const WRITE_GAPS = `
  WITH r AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::boolean[])
      AS r (tenant_id, endpoint_id, ordering_key, delivery_id, message_id, is_delivered)
  ), told AS (
    DELETE FROM ordering_gaps g USING r
     WHERE g.tenant_id = r.tenant_id AND g.endpoint_id = r.endpoint_id AND g.ordering_key = r.ordering_key
       AND r.is_delivered
  )
  INSERT INTO ordering_gaps (tenant_id, endpoint_id, ordering_key, delivery_id, message_id, created_at)
  SELECT r.tenant_id, r.endpoint_id, r.ordering_key, r.delivery_id, r.message_id, now() FROM r WHERE NOT r.is_delivered
  ON CONFLICT DO NOTHING`;

/**
 * What may be sent to endpoints that keep an order: of each key only the first that is open. It is read from rows, so
 * the order outlives whoever kept it. Endpoints without an order never come here.
 */
@Injectable()
export class OrderingRepository {
  async load(tx: Tx, endpoints: readonly OrderedEndpoint[]): Promise<Job[]> {
    if (endpoints.length === 0) return [];
    const swept = await this.sweep(tx, endpoints);
    const hot = endpoints.flatMap((e) => e.line.takeHot(hotPerLoad).map((key) => ({ ...e, key })));
    const heads = await tx.query<Job>(LOAD, [
      swept.map(({ id }) => id),
      ...[hot.map((k) => k.shard), hot.map((k) => k.endpointId), hot.map((k) => k.blocks), hot.map((k) => k.key)],
      ...[endpoints.map((e) => e.shard), endpoints.map((e) => e.endpointId), endpoints.map((e) => e.wanted)],
      ...[endpoints.map((e) => e.blocks), swept.map(({ tenantId }) => tenantId)],
    ]);
    return [...heads, ...(await this.loose(tx, endpoints))];
  }

  /**
   * What ended undelivered is named to the receiver with the next of its key; once that one is delivered, it was told.
   * A row of its own, because the next one may come long after.
   */
  async writeGaps(tx: Tx, settled: readonly Settlement[]): Promise<void> {
    const ended = settled.filter(({ job, verdict: { result } }) => {
      if (!job.orderingKey || job.orderingKey === job.id) return false;
      return result === 'delivered' ? Boolean(job.gap) : result !== null;
    });
    if (ended.length === 0) return;
    const jobs = ended.map(({ job }) => job);
    await tx.execute(WRITE_GAPS, [
      ...[jobs.map((j) => j.tenantId), jobs.map((j) => j.endpointId), jobs.map((j) => j.orderingKey)],
      ...[jobs.map((j) => j.id), jobs.map((j) => j.messageId)],
      ...[ended.map(({ verdict }) => verdict.result === 'delivered')],
    ]);
  }

  /** A page of keys of each endpoint, and where the next one begins. */
  private async sweep(tx: Tx, endpoints: readonly OrderedEndpoint[]): Promise<Pick<Job, 'tenantId' | 'id'>[]> {
    const rows = await tx.query<SweptRow>(SWEEP, [
      ...[endpoints.map((e) => e.shard), endpoints.map((e) => e.endpointId), endpoints.map((e) => e.wanted)],
      ...[endpoints.map((e) => e.blocks), endpoints.map((e) => e.line.after), endpoints.map((e) => e.tenantId)],
    ]);
    const lines = new Map(endpoints.map(({ endpointId, line }) => [endpointId, line]));
    for (const { endpointId, after, isEnd } of rows) {
      const line = lines.get(endpointId);
      if (line === undefined) continue;
      line.after = isEnd ? '' : (after ?? '');
      line.hasMore = !isEnd;
    }
    return rows.flatMap(({ tenantId, ids }) => ids.map((id) => ({ tenantId, id })));
  }

  private loose(tx: Tx, endpoints: readonly OrderedEndpoint[]): Promise<Job[]> {
    const due = endpoints.filter(({ line }) => line.isTimeForLoose(performance.now()));
    if (due.length === 0) return Promise.resolve([]);
    return tx.query<Job>(LOAD_LOOSE, [due.map((e) => e.shard), due.map((e) => e.endpointId), due.map((e) => e.wanted)]);
  }
}
