import pg from 'pg';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { storedMessages } from '@quittance/testing/stored-messages';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { shardOf } from '../domain/endpoint.ts';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';
import { DropPartitionsWorker } from './drop-partitions.worker.ts';
import { MaintainPartitionsWorker } from './maintain-partitions.worker.ts';

const dayMs = 86_400_000;
let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
let worker: pg.Pool;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env());
  worker = new pg.Pool({ connectionString: infrastructure.database.workerUrl, max: 1 });
});
afterAll(async () => {
  await worker.end();
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  tenantId = newId();
  api = await infrastructure.api(service.url, tenantId);
  receiver = await WebhookReceiver.start();
});
afterEach(() => receiver.stop());

const day = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
const partition = (table: string, days: number) => `${table}_${day(days).replaceAll('-', '')}`;
const idAt = (days: number) => {
  const hex = (Date.now() + days * dayMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${newId().slice(-12)}`;
};
const query = async (sql: string, ...values: unknown[]) => (await infrastructure.admin.query(sql, values)).rows;
const days = async (from: number, to: number) => {
  const rows = await query(
    `SELECT relname FROM pg_class WHERE relname ~ '^(messages|attempts|success_bodies|attempt_starts)_[0-9]{8}$'
      AND to_date(right(relname, 8), 'YYYYMMDD') BETWEEN $1 AND $2`,
    ...[day(from), day(to)],
  );
  return rows.map(({ relname }) => relname as string).toSorted();
};
const seen = (check: () => unknown) =>
  eventually(async () => {
    await check();
    return true;
  });
const makeDays = (from: number, to: number) =>
  worker.query('SELECT create_partitions($1::date, $2::date)', [day(from), day(to)]);
const metric = async (line: string) => {
  const text = await (await fetch(`${service.healthUrl}/metrics`)).text();
  return text
    .split('\n')
    .find((each) => each.startsWith(`${line} `))
    ?.split(' ')[1];
};
const deadLetters = (count: number) =>
  eventually(async () => {
    const letters = await storedMessages(infrastructure.nats, 'DLQ');
    expect(letters).toHaveLength(count);
    return letters.map((letter) => ({
      reason: decodeURIComponent(letter.header.get('x-dlq-reason')),
      body: letter.string(),
    }));
  });
const storeMessage = (id: string) =>
  query(
    `INSERT INTO messages (tenant_id, id, event_type, subject, occurred_at, body)
     VALUES ($1, $2, 'payment.posted', 's', now(), '{}')`,
    ...[tenantId, id],
  );

describe('F32: dropping days during traffic', () => {
  it('drops what is past its retention, table by table, and the traffic does not notice', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const events = Array.from({ length: 120 }, () => eventOf('payment.posted', tenantId));
    await makeDays(-95, -92);
    await makeDays(-35, -32);
    await makeDays(-10, -9);
    const publishing = infrastructure.publish(events);
    await receiver.received();
    service.app.get(DropPartitionsWorker).kick();
    await seen(async () => expect(await days(-95, -92)).toEqual([]));
    await publishing;
    await seen(() => expect(receiver.requests).toHaveLength(120));
    await deliveriesOf(api, id, 'pending', 0);
    const attempts = await query('SELECT n, outcome FROM attempts WHERE tenant_id = $1', tenantId);
    expect(attempts).toHaveLength(120);
    expect(new Set(attempts.map(({ n, outcome }) => `${n} ${outcome}`))).toEqual(new Set(['1 succeeded']));
    await seen(async () => expect(await metric('webhook_partitions_overdue')).toBe('0'));
    const kept = (tables: string[], from: number, to: number) =>
      tables.flatMap((table) => Array.from({ length: to - from + 1 }, (_, at) => partition(table, from + at)));
    expect(await days(-35, -32)).toEqual(kept(['attempts', 'attempt_starts'], -35, -32).toSorted());
    expect(await days(-10, -9)).toEqual(kept(['attempts', 'attempt_starts', 'messages'], -10, -9).toSorted());
    expect(Number(await metric('webhook_partitions_ahead_days'))).toBe(7);
  });

  it('a drop that has to wait gives way to the traffic behind it, and comes back', async () => {
    await makeDays(-40, -40);
    const { id } = await createEndpoint(api, receiver.url);
    const reader = await infrastructure.admin.connect();
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM messages');
    service.app.get(DropPartitionsWorker).kick();
    // Its wait is on show: everything that comes now stands behind it until it gives up.
    await eventually(async () => {
      const rows = await query(
        `SELECT FROM pg_stat_activity WHERE query LIKE '%drop_oldest%' AND wait_event = 'relation'`,
      );
      return rows.length > 0;
    });
    await infrastructure.publish(Array.from({ length: 10 }, () => eventOf('payment.posted', tenantId)));
    await deliveriesOf(api, id, 'delivered', 10);
    expect(await days(-40, -40)).toContain(partition('messages', -40));
    await reader.query('COMMIT');
    reader.release();
    await seen(async () => expect(await days(-40, -40)).not.toContain(partition('messages', -40)));
  });

  it('the worker can drop nothing that is younger than it may be told, and the app nothing at all', async () => {
    await expect(worker.query(`SELECT drop_oldest_partition('messages', 0)`)).rejects.toThrow('nothing is dropped');
    await expect(worker.query(`SELECT drop_oldest_partition('endpoints', 30)`)).rejects.toThrow('nothing is dropped');
    await expect(worker.query(`SELECT drop_oldest_partition('event_log', 30)`)).rejects.toThrow('nothing is dropped');
    const { rows } = await worker.query(`SELECT drop_oldest_partition('success_bodies', 1) AS name`);
    expect(rows).toEqual([{ name: null }]);
    const app = new pg.Client({ connectionString: infrastructure.database.appUrl });
    await app.connect();
    await expect(app.query(`SELECT drop_oldest_partition('messages', 30)`)).rejects.toThrow('permission denied');
    await app.end();
  });

  it('a delivery whose message’s day is gone is aborted, and says why', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await makeDays(-31, -31);
    const message = idAt(-31);
    await storeMessage(message);
    await query(
      `INSERT INTO deliveries (tenant_id, id, endpoint_id, message_id, shard, due_at, created_at)
       VALUES ($1, $2, $3, $4, $5, now(), now())`,
      ...[tenantId, newId(), id, message, shardOf(id)],
    );
    service.app.get(DropPartitionsWorker).kick();
    await eventually(async () => (await query('SELECT FROM messages WHERE id = $1', message)).length === 0);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    const [aborted] = await deliveriesOf(api, id, 'aborted');
    expect(aborted).toMatchObject({ eventId: message, eventType: null, lastError: 'message_expired' });
    const retry = await api.post<any>(`/webhook-deliveries/${String(aborted?.['id'])}/retry`);
    expect(retry).toMatchObject({ status: 409, body: { code: 'message_expired' } });
  });

  it('what a receiver said with a 2xx goes after a week, what it said with an error stays', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 500, body: 'broken' }, { status: 200, body: 'fine' });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    const bodies = async () => {
      const { body } = await api.get<any>(`/webhook-deliveries/${String(delivery?.['id'])}`);
      return body.attempts.map((attempt: any) => attempt.responseBody);
    };
    expect(await bodies()).toEqual(['broken', 'fine']);
    await query(`TRUNCATE ${partition('success_bodies', 0)}`);
    expect(await bodies()).toEqual(['broken', null]);
  });
});

describe('F26: a partition that is missing, an id from the future', () => {
  it('a day that nobody made: rows go to the default partition, and move when it is made', async () => {
    await query(`DROP TABLE ${partition('messages', 0)}, ${partition('attempts', 0)}`);
    const { id } = await createEndpoint(api, receiver.url);
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    await deliveriesOf(api, id, 'delivered');
    expect(await query('SELECT id FROM messages_default WHERE tenant_id = $1', tenantId)).toEqual([{ id: event.id }]);
    expect(await query('SELECT n FROM attempts_default WHERE tenant_id = $1', tenantId)).toEqual([{ n: 1 }]);
    service.app.get(MaintainPartitionsWorker).kick();
    await eventually(async () => (await query('SELECT FROM messages_default')).length === 0);
    expect(await query(`SELECT id FROM ${partition('messages', 0)} WHERE tenant_id = $1`, tenantId)).toEqual([
      { id: event.id },
    ]);
    expect(await query('SELECT n FROM attempts_default')).toEqual([]);
    await deliveriesOf(api, id, 'delivered');
    const rows = await query(`SELECT relname FROM pg_class WHERE relname ~ '_default$' AND NOT relforcerowsecurity
      AND relnamespace = 'webhooks'::regnamespace`);
    expect(rows).toEqual([]);
  });

  it('rows beside every day raise the alarm', async () => {
    await storeMessage(idAt(60));
    service.app.get(MaintainPartitionsWorker).kick();
    await seen(async () => expect(await metric('webhook_default_partition_rows')).toBe('1'));
  });

  it('an event from the future becomes a dead letter with its reason, and costs no other one', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const future = eventOf('payment.posted', tenantId, { id: idAt(2) });
    const past = eventOf('payment.posted', tenantId, { id: idAt(-31) });
    const good = [eventOf('payment.posted', tenantId), eventOf('payment.posted', tenantId)];
    await infrastructure.publish([good[0]!, future, past, good[1]!]);
    await deliveriesOf(api, id, 'delivered', 2);
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual(good.map((event) => event.id));
    const letters = await deadLetters(2);
    expect(letters.map(({ reason }) => reason)).toEqual([
      `id ${future.id} is dated more than a day ahead`,
      `id ${past.id} is dated before the 30 days that messages are kept`,
    ]);
    expect(letters.map(({ body }) => body.includes(tenantId))).toEqual([true, true]);
  });
});
