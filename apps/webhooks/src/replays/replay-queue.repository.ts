import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { idAt, instantOf } from '../domain/replay.ts';
import type { Candidate, Replay } from '../domain/replay.ts';

/** With what it takes to open its last delivery again; all of that null where it never was one. */
export interface StoredCandidate extends Candidate {
  readonly channels: readonly string[];
  readonly subject: string;
  readonly sequence: number | null;
  /** Only where the endpoint has a filter that looks into it; null also where it was erased. */
  readonly body: Buffer | null;
  readonly deliveryId: string | null;
  readonly attempts: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: Date | null;
}

const dayMs = 86_400_000;

const COUNT_DUE = `
  SELECT count(*)::int AS due
    FROM (SELECT FROM deliveries WHERE shard = $1 AND endpoint_id = $2 AND due_at <= $3 LIMIT $4) d`;
// $6: no attempt is older than its message, so the days before are not looked at.
const CANDIDATES = `
  SELECT m.id, m.event_type AS type, m.subject, m.sequence, m.channels, m.body,
         EXISTS (SELECT FROM deliveries d
                  WHERE d.tenant_id = m.tenant_id AND d.message_id = m.id AND d.endpoint_id = $2) AS "isOpen",
         a.delivery_id AS "deliveryId", a.n::int AS attempts, a.result, a.status AS "lastStatus",
         a.error AS "lastError", a.delivery_created_at AS "createdAt"
    FROM (SELECT tenant_id, id, event_type, subject, sequence, channels, CASE WHEN $7 THEN body END AS body
            FROM messages
           WHERE tenant_id = $1 AND id > $3 AND id < $4 AND NOT is_test ORDER BY id LIMIT $5) m
    LEFT JOIN LATERAL (
      SELECT * FROM attempts
       WHERE tenant_id = m.tenant_id AND message_id = m.id AND endpoint_id = $2 AND result IS NOT NULL AND id > $6
       ORDER BY id DESC LIMIT 1
    ) a ON true
   ORDER BY m.id`;
const ENQUEUE = `
  INSERT INTO deliveries (tenant_id, id, endpoint_id, message_id, shard, attempt, tried_before, due_at, last_status,
                          last_error, created_at, ordering_key, ordering_at)
  SELECT $1, r.id, $2, r.message_id, $3, r.attempt, r.attempt, $4, r.status, r.error, r.created_at, r.key,
         CASE WHEN r.key IS NOT NULL THEN coalesce(r.place, 0) END
    FROM unnest($5::uuid[], $6::uuid[], $7::smallint[], $8::smallint[], $9::text[], $10::timestamptz[],
                $11::text[], $12::int[])
           AS r (id, message_id, attempt, status, error, created_at, key, place)
  ON CONFLICT DO NOTHING
  RETURNING message_id AS "messageId"`;

/** What a replay reads and what it queues: one endpoint, one page at a time. The endpoint is locked meanwhile. */
@Injectable()
export class ReplayQueueRepository {
  constructor(private readonly bodies: SealedBodies) {}

  /** How much the endpoint could be sent at once, as far as `limit`. */
  async countDue(tx: Tx, { shard, id }: Endpoint, now: Date, limit: number): Promise<number> {
    return (await tx.query<{ due: number }>(COUNT_DUE, [shard, id, now, limit]))[0]?.due ?? 0;
  }

  async candidates(tx: Tx, replay: Replay, { filter }: Endpoint, limit: number): Promise<StoredCandidate[]> {
    const { tenantId, endpointId, cursorId, untilId, fromId } = replay;
    const earliest = idAt(new Date(instantOf(fromId).getTime() - dayMs));
    const stored = await tx.query<StoredCandidate>(CANDIDATES, [
      ...[tenantId, endpointId, cursorId, untilId, limit, earliest, filter !== null],
    ]);
    return this.bodies.openRows(tx, tenantId, stored);
  }

  /**
   * A delivery that was settled is opened again, so that its attempts go on being counted while its schedule begins
   * anew; where there never was one, one is made. In its line, where the endpoint keeps an order. Answers the ids of
   * the messages that were queued.
   */
  async enqueue(tx: Tx, endpoint: Endpoint, chosen: readonly StoredCandidate[], now: Date) {
    if (chosen.length === 0) return [];
    const c = chosen;
    const rows = await tx.query<{ messageId: string }>(ENQUEUE, [
      ...[endpoint.tenantId, endpoint.id, endpoint.shard, now, c.map((e) => e.deliveryId ?? newId())],
      ...[c.map((e) => e.id), c.map((e) => e.attempts ?? 0), c.map((e) => e.lastStatus), c.map((e) => e.lastError)],
      c.map((e) => e.createdAt ?? now),
      ...[c.map((e) => (endpoint.ordering === 'none' ? null : e.subject)), c.map((e) => e.sequence)],
    ]);
    return rows.map(({ messageId }) => messageId);
  }
}
