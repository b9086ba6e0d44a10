import { formatSequence } from '@quittance/events/envelope';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { spawnService } from '@quittance/testing/service';
import type { SpawnedService } from '@quittance/testing/service';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { ReceivedRequest } from '@quittance/testing/webhook-receiver';
import { shardOf } from '../domain/endpoint.ts';
import { createEndpoint, eventOf, startInfrastructure } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

const keys = 300;
const perKey = 3;
let infrastructure: Infrastructure;
let services: SpawnedService[];
let receiver: WebhookReceiver;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  receiver = await WebhookReceiver.start();
  const schedule = { WEBHOOK_RETRY_SCHEDULE_MS: ['0', ...Array.from({ length: 48 }, () => '50'), '600000'].join(',') };
  const env = infrastructure.env({ ...schedule, WEBHOOK_TIMEOUT_MS: '2000', WEBHOOK_LEASE_MS: '2000' });
  services = await Promise.all(
    ['a', 'b'].map((name) => spawnService('webhooks', { ...env, INSTANCE_ID: name, LOG_LEVEL: 'error' })),
  );
}, 60_000);
afterAll(async () => {
  await Promise.all(services.map((each) => each.stop()));
  await receiver.stop();
  await infrastructure.stop();
});

/** Numbers that look random and are the same every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const shareOf = async (name: string) => {
  const { rows } = await infrastructure.admin.query(
    'SELECT count(*)::int AS shards FROM shard_leases WHERE owner = $1 AND expires_at > now()',
    [name],
  );
  return Number(rows[0].shards);
};

it('F24 300 keys, one request in five fails, one of two instances is killed: all in order', async () => {
  const [first] = services as [SpawnedService];
  const tenantId = newId();
  const api = await infrastructure.api(first.url, tenantId);
  await eventually(async () => (await shareOf('a')) === 32 && (await shareOf('b')) === 32, { timeoutMs: 20_000 });
  // One endpoint in each half of the shards: what is killed has something to hand over, what stays has its own.
  const endpoints: string[] = [];
  for (const isLow of [true, false]) {
    for (let found = false; !found;) {
      const { id } = await createEndpoint(api, `${receiver.url}/${endpoints.length}`, {
        ...{ ordering: 'key_block', maxConcurrency: 64, eventTypes: ['payment.posted'] },
      });
      found = shardOf(id) < 32 === isLow;
      if (found) endpoints.push(id);
      else await api.send('DELETE', `/webhook-endpoints/${id}`);
    }
  }
  const subjects = Array.from({ length: keys }, () => newId());
  const events = Array.from({ length: perKey }, (_, n) =>
    subjects.map((subject) =>
      eventOf('payment.posted', tenantId, { subject, sequence: formatSequence(n + 1), id: newId() }),
    ),
  ).flat();
  const placeOf = new Map(events.map((event) => [event.id, { key: event.subject, sequence: Number(event.sequence) }]));
  const delivered = new Map<string, number[]>();
  const underWay = new Map<string, number>();
  let most = 0;
  const random = seeded(24);
  const lineOf = ({ headers, path }: ReceivedRequest) => {
    const place = placeOf.get(String(headers['webhook-id']));
    return place && { line: `${path} ${place.key}`, sequence: place.sequence };
  };
  const count = (line: string, by: number) => {
    underWay.set(line, (underWay.get(line) ?? 0) + by);
    most = Math.max(most, underWay.get(line) ?? 0);
  };
  receiver.answerBy(
    (request) => {
      const place = lineOf(request);
      if (place === undefined) return { status: 204 };
      count(place.line, 1);
      if (random() < 0.2) return { status: 500, delayMs: 5 };
      const known = delivered.get(place.line) ?? [];
      if (!known.includes(place.sequence)) delivered.set(place.line, [...known, place.sequence]);
      return { status: 204, delayMs: 5 };
    },
    (request) => {
      const place = lineOf(request);
      if (place !== undefined) count(place.line, -1);
    },
  );

  const half = events.length / 2;
  await infrastructure.publish(events.slice(0, half));
  await eventually(() => delivered.size > keys / 2);
  await first.kill();
  await infrastructure.publish(events.slice(half));
  await eventually(async () => (await shareOf('b')) === 64, { timeoutMs: 20_000 });
  await first.restart();
  await eventually(
    async () => {
      const { rows } = await infrastructure.admin.query(
        'SELECT count(*)::int AS open FROM deliveries WHERE tenant_id = $1',
        [tenantId],
      );
      const done = [...delivered.values()].reduce((sum, each) => sum + each.length, 0);
      return rows[0].open === 0 && done === 2 * events.length;
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
  expect(delivered.size).toBe(2 * keys);
  for (const sequences of delivered.values()) expect(sequences).toEqual([1, 2, 3]);
  expect(most).toBe(1);
  const { rows } = await infrastructure.admin.query(
    `SELECT count(*)::int AS given_up FROM attempts WHERE tenant_id = $1 AND result <> 'delivered'`,
    [tenantId],
  );
  expect(rows).toEqual([{ given_up: 0 }]);
}, 120_000);
