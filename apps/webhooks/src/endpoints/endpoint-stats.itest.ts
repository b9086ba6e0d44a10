import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { firstIdAt } from '../domain/message.ts';
import { createEndpoint, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env());
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

const statsOf = async (id: string) => (await api.get<any>(`/webhook-endpoints/${id}/stats`)).body;

/** Attempts of so many milliseconds ago, as a dispatcher would have written them. */
async function attempts(endpointId: string, agoMs: number, durations: readonly number[]): Promise<void> {
  const ids = durations.map(() => firstIdAt(Date.now() - agoMs).slice(0, 14) + newId().slice(14));
  await infrastructure.admin.query(
    `INSERT INTO attempts (tenant_id, id, delivery_id, endpoint_id, message_id, n, outcome, started_at, duration_ms,
                           delivery_created_at)
     SELECT $1, a.id, a.id, $2, a.id, 1, 'succeeded', now() - make_interval(secs => $5), a.ms, now()
       FROM unnest($3::uuid[], $4::int[]) AS a (id, ms)`,
    [tenantId, endpointId, ids, durations, agoMs / 1_000],
  );
}

describe('GET /webhook-endpoints/{id}/stats', () => {
  it('of an endpoint that nothing was sent to: nothing', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    expect(await statsOf(id)).toEqual({
      since: expect.any(String),
      attempts: { succeeded: 0, failed: 0, notSent: 0 },
      durationMs: { p50: null, p95: null },
      ...{ backlog: 0, oldestDueAt: null },
    });
  });

  it('counts what was sent, by its outcome, and what waits', async () => {
    receiver.answerNext({ status: 500 });
    const { id } = await createEndpoint(api, receiver.url);
    await api.post('/webhook-messages', { type: 'custom.a', data: {} });
    await eventually(async () => (await statsOf(id)).attempts.succeeded === 1);
    expect(await statsOf(id)).toMatchObject({ attempts: { succeeded: 1, failed: 1, notSent: 0 }, backlog: 0 });
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    for (const type of ['custom.b', 'custom.c']) await api.post('/webhook-messages', { type, data: {} });
    expect(await statsOf(id)).toMatchObject({ backlog: 2, oldestDueAt: expect.any(String) });
  });

  it('looks back a day, and tells the middle and the slow end', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await attempts(
      id,
      3_600_000,
      Array.from({ length: 100 }, (_, at) => at + 1),
    );
    await attempts(id, 25 * 3_600_000, [9_999, 9_999]);
    expect(await statsOf(id)).toMatchObject({ attempts: { succeeded: 100 }, durationMs: { p50: 50, p95: 95 } });
  });

  it('looks at ten thousand attempts, and says since when that is', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await attempts(id, 7_200_000, [1]);
    await attempts(
      id,
      3_600_000,
      Array.from({ length: 10_000 }, () => 5),
    );
    const stats = await statsOf(id);
    expect(stats).toMatchObject({ attempts: { succeeded: 10_000 }, durationMs: { p50: 5, p95: 5 } });
    expect(Date.now() - Date.parse(stats.since)).toBeLessThan(7_200_000);
  });

  it('404 for another tenant', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const other = await infrastructure.api(service.url, newId());
    expect((await other.get(`/webhook-endpoints/${id}/stats`)).status).toBe(404);
  });
});
