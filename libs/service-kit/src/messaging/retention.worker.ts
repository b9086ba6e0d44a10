import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { Worker } from '../worker/worker.ts';

const HOUR_MS = 3_600_000;
const BATCH = 1_000;
const DAYS_AHEAD = 7;

/**
 * Days: what a replay may bring back is kept longer in the inbox than in the log and the streams, or it would double.
 */
export const EVENT_LOG_DAYS = 14;
export const INBOX_DAYS = 21;
export const IDEMPOTENCY_DAYS = 7;

const MAKE_PARTITIONS = `SELECT event_log_partitions($1::date, ${DAYS_AHEAD}, ${EVENT_LOG_DAYS})`;
const PRUNE = [
  `DELETE FROM inbox WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM inbox WHERE at < now() - interval '${INBOX_DAYS} days' LIMIT ${BATCH}))`,
  `DELETE FROM inbox_failures WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM inbox_failures WHERE at < now() - interval '${INBOX_DAYS} days' LIMIT ${BATCH}))`,
  `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM idempotency_keys WHERE created_at < now() - interval '${IDEMPOTENCY_DAYS} days' LIMIT ${BATCH}))`,
];

/**
 * Makes the event log's partitions of the coming days, drops old ones, prunes inbox and idempotency keys in batches.
 */
export class RetentionWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {
    super('retention', HOUR_MS);
  }

  protected async work(): Promise<number> {
    const today = this.clock.now().toISOString().slice(0, 10);
    await this.db.tx((tx) => tx.query(MAKE_PARTITIONS, [today]));
    let pruned = 0;
    for (const sql of PRUNE) pruned += await this.db.tx((tx) => tx.execute(sql));
    return pruned;
  }
}
