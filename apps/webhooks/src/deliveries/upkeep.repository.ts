import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { dailyTables } from './retention.repository.ts';

const PARTITIONS = `SELECT create_partitions($1::date - 1, $1::date + $2::int)`;
const STRAYS = `
  SELECT (${dailyTables.map((table) => `(SELECT count(*) FROM ${table}_default)`).join(' + ')})::int AS rows`;
/** Of keys that had no event since: nobody is left to tell. */
const FORGET_GAPS = `DELETE FROM ordering_gaps WHERE created_at < now() - interval '30 days'`;
/** One row an endpoint with something open. What is due: what could be sent now. */
const BACKLOGS = `
  SELECT d.tenant_id AS "tenantId", d.endpoint_id AS "endpointId", d.open::int,
         CASE WHEN e.state = 'active' THEN d.due::int ELSE 0 END AS due,
         CASE WHEN e.state = 'active' THEN greatest(extract(epoch FROM now() - d.due_at), 0)::float8 ELSE 0 END
           AS "lateSeconds",
         greatest(extract(epoch FROM now() - d.created_at), 0)::float8 AS "oldestSeconds"
    FROM (SELECT tenant_id, endpoint_id, count(*) AS open, count(*) FILTER (WHERE due_at <= now()) AS due,
                 min(due_at) AS due_at, min(created_at) AS created_at
            FROM deliveries GROUP BY tenant_id, endpoint_id) d
    JOIN endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id`;
const ENDPOINTS = `
  SELECT state, count(*)::int AS count FROM endpoints WHERE state IN ('active', 'paused', 'disabled') GROUP BY state`;
const WATCHED = `
  SELECT (SELECT count(*)::int FROM endpoints WHERE breaker_opened_at IS NOT NULL AND state IN ('active', 'paused'))
           AS "openBreakers",
         (SELECT count(*)::int FROM replay_jobs WHERE state = 'running') AS "runningReplays"`;
const UNOWNED = `SELECT count(*)::int AS shards FROM shard_leases WHERE expires_at < now()`;

export interface EndpointBacklog {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly open: number;
  readonly due: number;
  readonly lateSeconds: number;
  readonly oldestSeconds: number;
}

@Injectable()
export class UpkeepRepository {
  async createPartitions(tx: Tx, today: string, daysAhead: number): Promise<void> {
    await tx.execute(PARTITIONS, [today, daysAhead]);
  }

  /** Rows that found no day: the partitions are behind, or an id lies in the future. */
  async countStrays(tx: Tx): Promise<number> {
    return (await tx.query<{ rows: number }>(STRAYS))[0]?.rows ?? 0;
  }

  async forgetGaps(tx: Tx): Promise<void> {
    await tx.execute(FORGET_GAPS);
  }

  backlogs(tx: Tx): Promise<EndpointBacklog[]> {
    return tx.query<EndpointBacklog>(BACKLOGS);
  }

  async countEndpoints(tx: Tx): Promise<Map<string, number>> {
    const rows = await tx.query<{ state: string; count: number }>(ENDPOINTS);
    return new Map(rows.map(({ state, count }) => [state, count]));
  }

  async countWatched(tx: Tx): Promise<{ openBreakers: number; runningReplays: number }> {
    const [row] = await tx.query<{ openBreakers: number; runningReplays: number }>(WATCHED);
    return row!;
  }

  /** Shards that no dispatcher sends for. */
  async countUnowned(tx: Tx): Promise<number> {
    return (await tx.query<{ shards: number }>(UNOWNED))[0]?.shards ?? 0;
  }
}
