import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { spawnService } from '@quittance/testing/service';
import type { SpawnedService } from '@quittance/testing/service';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { createEndpoint, eventOf, startInfrastructure } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: SpawnedService;
let receiver: WebhookReceiver;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  receiver = await WebhookReceiver.start();
  service = await spawnService('webhooks', infrastructure.env({ WEBHOOK_TIMEOUT_MS: '2000' }));
});
afterAll(async () => {
  await service.stop();
  await receiver.stop();
  await infrastructure.stop();
});

describe('F25 kill -9 in the middle of a replay', () => {
  it('it goes on where it was: every missed event once, none twice, none left out', async () => {
    const tenantId = newId();
    const api = await infrastructure.api(service.url, tenantId);
    const { id } = await createEndpoint(api, receiver.url);
    const detail = async () => (await api.get<any>(`/webhook-endpoints/${id}`)).body;
    receiver.answerNext({ status: 200, headers: { 'webhook-delivery': 'disable' } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await eventually(async () => (await detail()).state === 'disabled');
    const missed = Array.from({ length: 120 }, () => eventOf('payment.posted', tenantId));
    await infrastructure.publish(missed);
    await eventually(async () => (await detail()).gaps[0]?.count === 120);
    await api.post(`/webhook-endpoints/${id}/enable`);
    const recovery = { since: new Date(Date.now() - 600_000).toISOString(), ratePerSecond: 30 };
    const { body: replay } = await api.post<any>(`/webhook-endpoints/${id}/recover`, recovery);
    const progress = async () => (await api.get<any>(`/webhook-replays/${replay.id}`)).body;
    for (const atLeast of [1, 40]) {
      await eventually(async () => (await progress()).replayed >= atLeast);
      await service.kill();
      await service.restart();
    }
    const done = await eventually(
      async () => {
        const now = await progress();
        return now.state === 'completed' && now;
      },
      { timeoutMs: 20_000 },
    );
    expect(done).toMatchObject({ replayed: 120, scanned: 121 });
    const rows = await eventually(async () => {
      const { rows: settled } = await infrastructure.admin.query(
        `SELECT message_id, count(DISTINCT delivery_id)::int AS deliveries, count(*)::int AS results
           FROM attempts WHERE endpoint_id = $1 AND result = 'delivered' GROUP BY message_id`,
        [id],
      );
      return settled.length === 121 ? settled : null;
    });
    // A request that was under way at a kill is sent again by the dispatcher; its delivery is one all the same.
    expect(rows.filter(({ deliveries, results }) => deliveries !== 1 || results !== 1)).toEqual([]);
    const { rows: open } = await infrastructure.admin.query('SELECT FROM deliveries WHERE endpoint_id = $1', [id]);
    expect(open).toEqual([]);
    const arrived = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
    expect(missed.filter((event) => !arrived.has(event.id))).toEqual([]);
    expect((await detail()).gaps).toEqual([]);
  }, 60_000);
});
