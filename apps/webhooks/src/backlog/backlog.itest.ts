import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { MeasureBacklogWorker } from '../deliveries/measure-backlog.worker.ts';
import {
  createEndpoint,
  deliveriesOf,
  eventOf,
  saidAbout,
  startInfrastructure,
  startWebhooks,
} from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  const limits = { WEBHOOK_ENDPOINT_BACKLOG_MAX: '50', WEBHOOK_TENANT_BACKLOG_MAX: '120' };
  service = await startWebhooks(infrastructure.env({ ...limits, WEBHOOK_RETRY_SCHEDULE_MS: '0,600000' }));
});
afterAll(async () => {
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  tenantId = newId();
  api = await infrastructure.api(service.url, tenantId);
  receiver = await WebhookReceiver.start();
});
afterEach(() => receiver.stop());

const eventsOf = (count: number) => Array.from({ length: count }, () => eventOf('payment.posted', tenantId));
const detailOf = async (id: string) => (await api.get<any>(`/webhook-endpoints/${id}`)).body;
const set = (id: string, state: string) => api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state } });
const openOf = async (column: 'endpoint_id' | 'tenant_id', id: string) => {
  const { rows } = await infrastructure.admin.query(`SELECT FROM deliveries WHERE ${column} = $1`, [id]);
  return rows.length;
};
const missedBy = async (id: string) => (await detailOf(id)).gaps[0]?.count ?? 0;

describe('F27 a backlog at its limit', () => {
  it('80 events for an endpoint that takes none: 50 wait, 30 are a gap, and a recovery completes', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await set(id, 'paused');
    const events = eventsOf(80);
    await infrastructure.publish(events);
    await eventually(async () => (await openOf('endpoint_id', id)) + (await missedBy(id)) === 80);
    expect(await openOf('endpoint_id', id)).toBe(50);
    const [gap] = (await detailOf(id)).gaps;
    expect(gap).toMatchObject({ reason: 'backlog_full', count: 30, lastEventId: events.at(-1)!.id });
    await set(id, 'active');
    const { body } = await api.post<any>(`/webhook-endpoints/${id}/recover`, { sinceId: gap.firstEventId });
    await eventually(async () => (await api.get<any>(`/webhook-replays/${body.id}`)).body.state === 'completed');
    await deliveriesOf(api, id, 'delivered', 50);
    const received = await eventually(() => (receiver.requests.length === 80 ? receiver.requests : null));
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect(ids.toSorted()).toEqual(events.map((event) => event.id).toSorted());
    expect((await detailOf(id)).gaps).toEqual([]);
  });

  it('the limit of a tenant counts all of its endpoints together', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await createEndpoint(api, receiver.url)).id));
    for (const id of ids) await set(id, 'paused');
    await infrastructure.publish(eventsOf(50));
    const missed = async () => (await Promise.all(ids.map(missedBy))).reduce((sum, count) => sum + count, 0);
    await eventually(async () => (await openOf('tenant_id', tenantId)) + (await missed()) === 150);
    expect(await openOf('tenant_id', tenantId)).toBe(120);
    expect(await missed()).toBe(30);
  });

  it('many events that are delivered at once are no backlog', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    for (let round = 0; round < 3; round += 1) {
      await infrastructure.publish(eventsOf(30));
      await eventually(() => receiver.requests.length === (round + 1) * 30);
      await eventually(async () => (await openOf('endpoint_id', id)) === 0);
    }
    expect((await detailOf(id)).gaps).toEqual([]);
  });
});

describe('webhook_backlog.high', () => {
  const measure = () => service.app.get(MeasureBacklogWorker).kick();
  const flagged = async (id: string) => {
    const sql = 'SELECT backlog_high FROM endpoint_health WHERE endpoint_id = $1';
    return (await infrastructure.admin.query(sql, [id])).rows[0]?.backlog_high === true;
  };

  it('is said once at four fifths, and again only after it was half empty', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await set(id, 'paused');
    await infrastructure.publish(eventsOf(39));
    await eventually(async () => (await openOf('endpoint_id', id)) === 39);
    measure();
    await infrastructure.publish(eventsOf(1));
    await eventually(async () => {
      measure();
      return flagged(id);
    });
    await infrastructure.publish(eventsOf(5));
    await eventually(async () => (await openOf('endpoint_id', id)) === 45);
    await set(id, 'active');
    await eventually(async () => (await openOf('endpoint_id', id)) === 0);
    await eventually(async () => {
      measure();
      return !(await flagged(id));
    });
    await set(id, 'paused');
    await infrastructure.publish(eventsOf(40));
    const said = await eventually(async () => {
      measure();
      const events = await saidAbout(infrastructure, id);
      return events.length === 2 ? events : null;
    });
    expect(said).toMatchObject([
      { type: 'webhook_backlog.high', sequence: '0000000001', data: { endpointId: id, rows: 40, limit: 50 } },
      { type: 'webhook_backlog.high', sequence: '0000000002', data: { endpointId: id, rows: 40, limit: 50 } },
    ]);
  });

  it('is said of a tenant, too, without an endpoint', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await createEndpoint(api, receiver.url)).id));
    for (const id of ids) await set(id, 'paused');
    await infrastructure.publish(eventsOf(33));
    await eventually(async () => (await openOf('tenant_id', tenantId)) === 99);
    const [said] = await eventually(async () => {
      measure();
      const events = await saidAbout(infrastructure, tenantId);
      return events.length > 0 ? events : null;
    });
    expect(said).toMatchObject({
      type: 'webhook_backlog.high',
      sequence: '0000000001',
      data: { rows: 99, limit: 120 },
    });
    expect(said!['data']).not.toHaveProperty('endpointId');
  });
});
