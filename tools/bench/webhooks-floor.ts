import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { encode } from '@quittance/events/envelope';
import { sampleEvent } from '@quittance/events/samples';
import { newId } from '@quittance/service-kit/id';
import { perSecond } from './measure.ts';
import { idOf, nowMs } from './webhooks-ids.ts';
import type { WebhookSite } from './webhooks-site.ts';

const AT_ONCE = 256;
const BATCH = 200;
const body = Buffer.from(encode(sampleEvent('payment.posted')));

/** The same requests to the same receiver by the bare client: nothing signed, nothing stored. Requests a second. */
export async function bareHttp({ at: { receiver, receiverPort } }: WebhookSite, count: number): Promise<number> {
  const agent = new Agent({ pipelining: 1, keepAliveTimeout: 30_000 });
  const origin = `http://127.0.0.1:${receiverPort}`;
  let sent = 0;
  const startedAt = performance.now();
  await new Promise<void>((resolve, reject) => {
    let answered = 0;
    const send = () => {
      const n = sent++;
      const headers = { 'content-type': 'application/json', 'webhook-id': idOf(n, nowMs()) };
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: () => undefined,
        onResponseEnd() {
          if ((answered += 1) === count) resolve();
          else if (sent < count) send();
        },
        onResponseError: (_controller, error) => reject(error),
      };
      agent.dispatch({ origin, path: `/e/${n % 20}`, method: 'POST', headers, body }, handler);
    };
    for (let at = 0; at < AT_ONCE; at += 1) send();
  });
  const rate = perSecond(count, startedAt);
  await agent.close();
  await receiver.ask('forget');
  return rate;
}

// In no shard that there is: the service must not find them.
const INGEST = `
  WITH m AS (
    INSERT INTO messages (tenant_id, id, event_type, subject, sequence, occurred_at, body)
    SELECT $1, id, 'payment.posted', id::text, 1, now(), $4 FROM unnest($2::uuid[]) AS u (id) RETURNING id)
  INSERT INTO deliveries (tenant_id, id, endpoint_id, message_id, shard, due_at, created_at)
  SELECT $1, id, $3, id, -1, now(), now() FROM m`;
const SETTLE = `
  WITH d AS (DELETE FROM deliveries WHERE tenant_id = $1 AND id = ANY($2::uuid[]) RETURNING id)
  INSERT INTO attempts (tenant_id, id, delivery_id, endpoint_id, message_id, n, outcome, status, started_at,
                        duration_ms, response_headers, response_body, result, delivery_created_at)
  SELECT $1, id, id, $3, id, 1, 'succeeded', 200, now(), 3, '{"content-type":"text/plain"}', 'ok', 'delivered', now()
    FROM d`;

/** The same rows in the same tables in batches, one connection for each half: no request, no event. Rows a second. */
export async function bareSql({ at, endpointIds }: WebhookSite, count: number): Promise<number> {
  const { context, urls, tenants, admin } = at;
  const db = await context.open(urls.workerUrl, 2, 'worker');
  const [tenant, endpoint] = [tenants[0], endpointIds[0]];
  const startedAt = performance.now();
  let settling: Promise<unknown> = Promise.resolve();
  for (let done = 0; done < count; done += BATCH) {
    const ids = Array.from({ length: BATCH }, () => newId());
    await db.tx((tx) => tx.execute(INGEST, [tenant, ids, endpoint, body]));
    const before = settling;
    settling = before.then(() => db.tx((tx) => tx.execute(SETTLE, [tenant, ids, endpoint])));
  }
  await settling;
  const rate = perSecond(count, startedAt);
  await db.close();
  await admin.query('TRUNCATE webhooks.messages, webhooks.deliveries, webhooks.attempts');
  return rate;
}
