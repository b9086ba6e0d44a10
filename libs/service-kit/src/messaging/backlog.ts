import type { Database } from '../database/database.ts';
import { metrics } from '../telemetry/metrics.ts';

/** Several scrapers, and the three gauges of one scrape, cost one query in this time. */
const CACHE_MS = 5_000;
const TIMEOUT_MS = 1_000;
/** Counting further costs more than it says: by then the age is the figure to look at. */
const ROWS_MAX = 100_000;

const MEASURE = `
  SELECT rows, extract(epoch FROM now() - queued_at)::float8 AS "queuedSeconds",
         extract(epoch FROM now() - parked_at)::float8 AS "parkedSeconds"
    FROM (SELECT count(*)::int AS rows FROM (SELECT FROM outbox_queue LIMIT ${ROWS_MAX}) q) counted,
         (SELECT (SELECT logged_at FROM outbox_queue ORDER BY seq LIMIT 1) AS queued_at) oldest,
         (SELECT min(parked_at) AS parked_at FROM inbox_parked) parked`;

interface Measured {
  rows: number;
  queuedSeconds: number | null;
  parkedSeconds: number | null;
}

let read: (() => Promise<Measured | undefined>) | undefined;

/**
 * Tells at every scrape what waits in this service: events for the relay, and events for their predecessor. What cannot
 * be measured is NaN, never an old value: the database away must not look like an empty queue.
 * @returns ends it
 */
export function tellBacklog(db: Database): () => void {
  const own = (read = cached(() => measure(db)));
  for (const [name, help, valueOf] of GAUGES) {
    metrics.gauge(name, help, [], async (gauge) => {
      const measured = await read?.();
      gauge.set(measured ? valueOf(measured) : NaN);
    });
  }
  return () => {
    if (read === own) read = undefined;
  };
}

const GAUGES: readonly [string, string, (measured: Measured) => number][] = [
  ['outbox_queue_rows', 'Events that wait for the relay, counted to 100000', ({ rows }) => rows],
  ['outbox_oldest_seconds', 'How long the oldest event has waited for the relay', (m) => positive(m.queuedSeconds)],
  ['inbox_parked_oldest_seconds', 'How long the oldest early event has waited', (m) => positive(m.parkedSeconds)],
];

/** Rows carry the time of their transaction's start, which may be a moment after ours. */
const positive = (seconds: number | null) => Math.max(seconds ?? 0, 0);

async function measure(db: Database): Promise<Measured | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), TIMEOUT_MS)));
  const rows = db.tx((tx) => tx.query<Measured>(MEASURE)).then(([row]) => row);
  // A scrape must not fail, nor wait, because the database is away: every other metric is then needed most.
  const measured = await Promise.race([rows.catch(() => undefined), late]);
  clearTimeout(timer);
  return measured;
}

function cached<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | undefined;
  return () => {
    if (!last || performance.now() - last.at > CACHE_MS) last = { at: performance.now(), answer: ask() };
    return last.answer;
  };
}
