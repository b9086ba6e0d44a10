import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

const ATTEMPTS = `
  WITH recent AS (
    SELECT outcome, duration_ms, started_at FROM attempts
     WHERE tenant_id = $1 AND endpoint_id = $2 AND id >= $3 ORDER BY id DESC LIMIT $4
  )
  SELECT count(*)::int AS attempts, count(*) FILTER (WHERE outcome = 'succeeded')::int AS succeeded,
         count(*) FILTER (WHERE outcome = 'failed')::int AS failed,
         count(*) FILTER (WHERE outcome = 'not_sent')::int AS "notSent", min(started_at) AS "oldestAt",
         percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS "p50Ms",
         percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS "p95Ms"
    FROM recent`;
const QUEUE = `
  SELECT (SELECT count(*)::int FROM (
            SELECT FROM deliveries WHERE tenant_id = $1 AND shard = $3 AND endpoint_id = $2 LIMIT $4) open) AS open,
         (SELECT due_at FROM deliveries WHERE tenant_id = $1 AND shard = $3 AND endpoint_id = $2
           ORDER BY due_at LIMIT 1) AS "oldestDueAt"`;

interface Place {
  readonly tenantId: string;
  readonly id: string;
  readonly shard: number;
}

export interface AttemptStats {
  readonly attempts: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly notSent: number;
  /** Of the rows that were looked at. */
  readonly oldestAt: Date | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface QueueStats {
  readonly open: number;
  readonly oldestDueAt: Date | null;
}

/** Of one endpoint, by its index, newest first. */
@Injectable()
export class EndpointStatsRepository {
  async attempts(tx: Tx, { tenantId, id }: Place, fromId: string, limit: number): Promise<AttemptStats> {
    return (await tx.query<AttemptStats>(ATTEMPTS, [tenantId, id, fromId, limit]))[0]!;
  }

  async queue(tx: Tx, { tenantId, id, shard }: Place, limit: number): Promise<QueueStats> {
    return (await tx.query<QueueStats>(QUEUE, [tenantId, id, shard, limit]))[0]!;
  }
}
