import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SEALED_UNDER } from '../bodies/tenant-key.repository.ts';
import type { DeliveryState } from '../domain/delivery.ts';
import type { AttemptView, DeliveryView, RetryableDelivery, StartView } from './delivery-view.ts';

export interface DeliveryFilter {
  readonly endpointId: string | null;
  /** null: of any endpoint. */
  readonly only: readonly string[] | null;
  readonly state: DeliveryState | null;
  readonly before: string | null;
  readonly limit: number;
}

/**
 * Both halves side by side, newest first. A settled delivery that was queued again by hand has a row in both halves and
 * maybe two final attempts: the open row wins, then the latest attempt.
 */
const VIEWS = `
  SELECT d.id, d.endpoint_id AS "endpointId", d.message_id AS "messageId", d.attempt::int AS attempts,
         CASE WHEN e.state = 'active' THEN 'pending' WHEN e.state IN ('paused', 'disabled') THEN 'paused'
              ELSE 'aborted' END AS state,
         d.last_status AS "lastStatus", d.last_error AS "lastError", d.due_at AS "nextAttemptAt",
         d.created_at AS "createdAt"
    FROM deliveries d JOIN endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
   WHERE d.tenant_id = $1
  UNION ALL
  SELECT a.delivery_id, a.endpoint_id, a.message_id, a.n, a.result, a.status, a.error, NULL, a.delivery_created_at
    FROM attempts a
   WHERE a.tenant_id = $1 AND a.result IS NOT NULL
     AND NOT EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = a.tenant_id AND d.id = a.delivery_id)
     AND NOT EXISTS (SELECT FROM attempts later
                      WHERE later.tenant_id = a.tenant_id AND later.delivery_id = a.delivery_id
                        AND later.result IS NOT NULL AND later.id > a.id)`;
const WITH_TYPE = `
  SELECT v.*, m.event_type AS "eventType", coalesce(m.is_test, false) AS "isTest"
    FROM page v
    LEFT JOIN LATERAL (
      SELECT event_type, is_test FROM messages WHERE tenant_id = $1 AND id = v."messageId" LIMIT 1
    ) m ON true
   ORDER BY v.id DESC`;
const PAGE = `
  WITH page AS (
    SELECT * FROM (${VIEWS}) v
     WHERE ($2::uuid IS NULL OR v."endpointId" = $2) AND ($6::uuid[] IS NULL OR v."endpointId" = ANY($6))
       AND ($3::text IS NULL OR v.state = $3) AND ($4::uuid IS NULL OR v.id < $4)
     ORDER BY v.id DESC LIMIT $5
  ) ${WITH_TYPE}`;
const FIND = `WITH page AS (SELECT * FROM (${VIEWS}) v WHERE v.id = $2) ${WITH_TYPE}`;
const OF_MESSAGE = `
  WITH page AS (SELECT * FROM (${VIEWS}) v WHERE v."messageId" = $2 ORDER BY v.id DESC LIMIT 500) ${WITH_TYPE}`;
const ENDPOINT_OF = `SELECT v."endpointId" FROM (${VIEWS}) v WHERE v.id = $2`;
/** An {@link AttemptView} of `attempts`. */
export const ATTEMPT = `
         id, n::int, outcome, status, error, started_at AS "startedAt", duration_ms AS "durationMs",
         dns_ms AS "dnsMs", connect_ms AS "connectMs", tls_ms AS "tlsMs", first_byte_ms AS "firstByteMs",
         response_headers AS "responseHeaders",
         coalesce(response_body, (SELECT body FROM success_bodies s WHERE s.tenant_id = a.tenant_id AND s.id = a.id))
           AS "responseBody",
         response_truncated AS "responseTruncated",
         possible_duplicate AS "possibleDuplicate", next_due_at AS "nextDueAt"`;
const ATTEMPTS = `SELECT ${ATTEMPT} FROM attempts a WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY id LIMIT 200`;
/** Written before their request, and nothing after it. */
const STARTS = `
  SELECT id, n::int, started_at AS "startedAt" FROM attempt_starts s
   WHERE tenant_id = $1 AND delivery_id = $2
     AND NOT EXISTS (SELECT FROM attempts a WHERE a.tenant_id = s.tenant_id AND a.id = s.id) ORDER BY id LIMIT 200`;
const RETRYABLE = `
  SELECT v.id, v."nextAttemptAt" IS NOT NULL AS "isOpen", v."endpointId", e.state AS "endpointState", v."messageId",
         e.shard, e.ordering, v.attempts, v."lastStatus", v."lastError", v."createdAt",
         EXISTS (SELECT FROM messages m WHERE m.tenant_id = $1 AND m.id = v."messageId") AS "isKept",
         EXISTS (
           SELECT FROM deliveries d
             JOIN deliveries o ON o.tenant_id = d.tenant_id AND o.shard = d.shard AND o.endpoint_id = d.endpoint_id
                              AND o.ordering_key = d.ordering_key AND (o.ordering_at, o.id) < (d.ordering_at, d.id)
            WHERE d.tenant_id = $1 AND d.id = $2 AND (e.ordering = 'key_block' OR d.attempt + o.attempt = 0)
         ) AS "isBehindAnother",
         EXISTS (SELECT FROM messages m JOIN tenant_keys k ON k.tenant_id = m.tenant_id AND ${SEALED_UNDER('m', 'k')}
                  WHERE m.tenant_id = $1 AND m.id = v."messageId" AND k.destroyed_at IS NOT NULL) AS "isErased"
    FROM (${VIEWS}) v JOIN endpoints e ON e.tenant_id = $1 AND e.id = v."endpointId"
   WHERE v.id = $2`;
const BRING_FORWARD = `UPDATE deliveries SET due_at = $3 WHERE tenant_id = $1 AND id = $2 AND due_at > $3`;
const TAKE_OUT_OF_LINE = `
  UPDATE deliveries SET due_at = least(due_at, $3), ordering_key = id::text, ordering_at = 0
   WHERE tenant_id = $1 AND id = $2`;
const REQUEUE = `
  INSERT INTO deliveries (tenant_id, id, endpoint_id, message_id, shard, attempt, due_at, last_status, last_error,
                          created_at, ordering_key, ordering_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`;

/** What callers see and do: one tenant, one delivery at a time. */
@Injectable()
export class DeliveryLogRepository {
  page(tx: Tx, tenantId: string, filter: DeliveryFilter): Promise<DeliveryView[]> {
    const { endpointId, state, before, limit, only } = filter;
    return tx.query<DeliveryView>(PAGE, [tenantId, endpointId, state, before, limit, only]);
  }

  /** What became of one message: a delivery for each endpoint that wanted it, and for each replay. */
  ofMessage(tx: Tx, tenantId: string, messageId: string): Promise<DeliveryView[]> {
    return tx.query<DeliveryView>(OF_MESSAGE, [tenantId, messageId]);
  }

  async endpointOf(tx: Tx, tenantId: string, id: string): Promise<string | null> {
    return (await tx.query<{ endpointId: string }>(ENDPOINT_OF, [tenantId, id]))[0]?.endpointId ?? null;
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<DeliveryView | null> {
    return (await tx.query<DeliveryView>(FIND, [tenantId, id]))[0] ?? null;
  }

  attempts(tx: Tx, tenantId: string, deliveryId: string): Promise<AttemptView[]> {
    return tx.query<AttemptView>(ATTEMPTS, [tenantId, deliveryId]);
  }

  starts(tx: Tx, tenantId: string, deliveryId: string): Promise<StartView[]> {
    return tx.query<StartView>(STARTS, [tenantId, deliveryId]);
  }

  async findRetryable(tx: Tx, tenantId: string, id: string): Promise<RetryableDelivery | null> {
    return (await tx.query<RetryableDelivery>(RETRYABLE, [tenantId, id]))[0] ?? null;
  }

  async bringForward(tx: Tx, tenantId: string, id: string, dueAt: Date): Promise<void> {
    await tx.execute(BRING_FORWARD, [tenantId, id, dueAt]);
  }

  /** A line of its own: nothing waits for it any more, nor it for anything. */
  async takeOutOfLine(tx: Tx, tenantId: string, id: string, dueAt: Date): Promise<void> {
    await tx.execute(TAKE_OUT_OF_LINE, [tenantId, id, dueAt]);
  }

  /** The numbering goes on where it stopped. Two requests at once queue it once. */
  async requeue(tx: Tx, tenantId: string, delivery: RetryableDelivery, dueAt: Date): Promise<void> {
    const { id, endpointId, messageId, shard, attempts, lastStatus, lastError, createdAt, ordering } = delivery;
    const line = ordering === 'none' ? [null, null] : [id, 0];
    await tx.execute(REQUEUE, [
      ...[tenantId, id, endpointId, messageId, shard, attempts, dueAt, lastStatus, lastError, createdAt],
      ...line,
    ]);
  }
}
