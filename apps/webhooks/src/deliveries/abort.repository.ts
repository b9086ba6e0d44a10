import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export interface RemovedEndpoint {
  readonly tenantId: string;
  readonly id: string;
  readonly shard: number;
}

interface AbortedDelivery {
  readonly id: string;
  readonly message_id: string;
  readonly attempt: number;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Date;
}

const OPEN = `SELECT FROM deliveries d WHERE d.shard = e.shard AND d.endpoint_id = e.id AND d.tenant_id = e.tenant_id`;
const LOCK_REMOVED = `
  SELECT e.tenant_id AS "tenantId", e.id, e.shard FROM endpoints e
   WHERE e.state = 'deleting' AND EXISTS (${OPEN})
   ORDER BY e.tenant_id, e.id LIMIT 1 FOR NO KEY UPDATE OF e SKIP LOCKED`;
const TAKE_OPEN = `
  DELETE FROM deliveries d
   USING (SELECT tenant_id, id FROM deliveries
           WHERE shard = $1 AND endpoint_id = $2 AND tenant_id = $3 ORDER BY due_at, id LIMIT $4) oldest
   WHERE d.tenant_id = oldest.tenant_id AND d.id = oldest.id
  RETURNING d.id, d.message_id, d.attempt::int, d.last_status, d.last_error, d.created_at`;
const LOG_ABORTED = `
  INSERT INTO attempts (tenant_id, id, delivery_id, endpoint_id, message_id, n, outcome, status, error, started_at,
                        result, delivery_created_at)
  SELECT $1, a.id, a.delivery_id, $2, a.message_id, a.n, 'not_sent', a.status, a.error, now(), 'aborted', a.created_at
    FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::smallint[], $8::text[], $9::timestamptz[])
           AS a (id, delivery_id, message_id, n, status, error, created_at)`;
/** Longer than any transaction may take: a fan-out that did not see the removal yet has ended by then. */
const FINISH = `
  UPDATE endpoints e SET state = 'deleted'
   WHERE e.state = 'deleting' AND e.updated_at < now() - interval '2 minutes' AND NOT EXISTS (${OPEN})`;

/** What was still open when an endpoint was removed. */
@Injectable()
export class AbortRepository {
  async lockRemovedEndpoint(tx: Tx): Promise<RemovedEndpoint | null> {
    return (await tx.query<RemovedEndpoint>(LOCK_REMOVED))[0] ?? null;
  }

  takeOpen(tx: Tx, { tenantId, id, shard }: RemovedEndpoint, limit: number): Promise<AbortedDelivery[]> {
    return tx.query<AbortedDelivery>(TAKE_OPEN, [shard, id, tenantId, limit]);
  }

  async logAborted(
    tx: Tx,
    endpoint: RemovedEndpoint,
    rows: readonly AbortedDelivery[],
    newId: () => string,
  ): Promise<void> {
    await tx.execute(LOG_ABORTED, [
      ...[endpoint.tenantId, endpoint.id, rows.map(() => newId()), rows.map((r) => r.id)],
      ...[rows.map((r) => r.message_id), rows.map((r) => r.attempt), rows.map((r) => r.last_status)],
      ...[rows.map((r) => r.last_error), rows.map((r) => r.created_at)],
    ]);
  }

  async finish(tx: Tx): Promise<void> {
    await tx.execute(FINISH);
  }
}
