import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

const PARTITIONS = `SELECT create_partitions($1::date - 1, $1::date + $2::int)`;
const STRAYS = `
  SELECT ((SELECT count(*) FROM messages_default) + (SELECT count(*) FROM attempts_default))::int AS rows`;
/** Of keys that had no event since: nobody is left to tell. */
const FORGET_GAPS = `DELETE FROM ordering_gaps WHERE created_at < now() - interval '30 days'`;
const BACKLOG = `
  SELECT count(*)::int AS open, count(*) FILTER (WHERE d.due_at <= now() AND e.state = 'active')::int AS due,
         coalesce(extract(epoch FROM now() - min(d.due_at) FILTER (WHERE e.state = 'active')), 0)::float8
           AS "lateSeconds"
    FROM deliveries d JOIN endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id`;

export interface Backlog {
  readonly open: number;
  readonly due: number;
  readonly lateSeconds: number;
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

  async backlog(tx: Tx): Promise<Backlog> {
    return (await tx.query<Backlog>(BACKLOG))[0] ?? { open: 0, due: 0, lateSeconds: 0 };
  }
}
