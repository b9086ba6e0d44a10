import pg from 'pg';
import { delay } from '../processes.mjs';

/** Cash facts that a consumer has not taken yet. */
function unread(producer: string, stream: string, consumer: string): string {
  return `(SELECT count(*) FROM ${producer}.event_log l 
    WHERE l.type IN ('payment.posted', 'payment.reversed') AND NOT EXISTS (
    SELECT 1 FROM ${consumer}.inbox i WHERE i.tenant_id = l.tenant_id AND i.stream = '${stream}' AND i.id = l.id))`;
}

/** What is still on its way, as one row; all zero twice in a row means that the stack has come to rest. */
const UNDER_WAY = `
  SELECT (SELECT count(*) FROM payments.outbox_queue) + (SELECT count(*) FROM billing.outbox_queue)
       + (SELECT count(*) FROM reconciliation.outbox_queue) + (SELECT count(*) FROM webhooks.outbox_queue) AS queued,
         (SELECT count(*) FROM payments.inbox_parked) + (SELECT count(*) FROM billing.inbox_parked)
       + (SELECT count(*) FROM reconciliation.inbox_parked) + (SELECT count(*) FROM webhooks.inbox_parked) AS parked,
         (SELECT count(*) FROM webhooks.deliveries) AS undelivered,
         ${unread('payments', 'PAYMENTS', 'billing')} + ${unread('payments', 'PAYMENTS', 'reconciliation')}
       + ${unread('payments', 'PAYMENTS', 'webhooks')} AS unread`;

const CALM_LOOKS = 3;

/** Waits until nothing moves any more; @returns the seconds it took, or throws with what is left. */
export async function untilQuiet(adminUrl: string, timeoutMs: number): Promise<number> {
  const startedAt = performance.now();
  let calm = 0;
  let last: unknown;
  while (performance.now() - startedAt < timeoutMs) {
    const row = await look(adminUrl, UNDER_WAY).catch(() => undefined);
    last = row ?? last;
    calm = row && Object.values(row).every((count) => Number(count) === 0) ? calm + 1 : 0;
    if (calm === CALM_LOOKS) return Math.round((performance.now() - startedAt) / 100) / 10;
    await delay(1_000);
  }
  throw new Error(`the stack did not come to rest within ${timeoutMs} ms: ${JSON.stringify(last)}`);
}

const REMEMBERED = `SELECT 1 AS yes FROM payments.relay_state WHERE last_stream_seq > 0`;

/** Waits until payments has an event acknowledged by the broker: before that a broker cannot lose any of its data. */
export async function untilRemembered(adminUrl: string, timeoutMs: number): Promise<void> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < timeoutMs) {
    if (await look(adminUrl, REMEMBERED).catch(() => undefined)) return;
    await delay(100);
  }
  throw new Error(`no event of payments was acknowledged within ${timeoutMs} ms`);
}

async function look(adminUrl: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0];
  } finally {
    await client.end();
  }
}
