import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { createEndpoint, eventOf, saidAbout, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';
import { WatchHealthWorker } from './watch-health.worker.ts';

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

const detailOf = async (id: string) => (await api.get<any>(`/webhook-endpoints/${id}`)).body;
const publish = (count: number) =>
  infrastructure.publish(Array.from({ length: count }, () => eventOf('payment.posted', tenantId)));
/** As if the first failure had been so long ago, and so many had followed. */
const age = (id: string, { hours, failures, spread }: { hours: number; failures: number; spread: number }) =>
  infrastructure.admin.query(
    `UPDATE endpoint_health SET failures = $3, assess_at = now() - interval '1 second',
            failing_since = now() - make_interval(hours => $2),
            last_failure_at = now() - make_interval(hours => $2) + make_interval(hours => $4)
      WHERE endpoint_id = $1`,
    [id, hours, failures, spread],
  );
/** Once the watch has looked at an endpoint again, it is due only later. */
async function assessed(id: string): Promise<void> {
  service.app.get(WatchHealthWorker).kick();
  await eventually(async () => {
    const { rows } = await infrastructure.admin.query(
      'SELECT assess_at IS NULL OR assess_at > now() AS done FROM endpoint_health WHERE endpoint_id = $1',
      [id],
    );
    return rows[0]?.done === true;
  });
}
async function failingEndpoint(status = 500): Promise<string> {
  const { id } = await createEndpoint(api, receiver.url);
  receiver.answerAlways({ status });
  await publish(1);
  await eventually(async () => (await detailOf(id)).health.failures === 4);
  return id;
}

describe('health', () => {
  it('is written when it begins to fail and when it is well again, and costs nothing while all is well', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await publish(3);
    await eventually(() => receiver.requests.length === 3);
    const rowsOf = () => infrastructure.admin.query('SELECT FROM endpoint_health WHERE endpoint_id = $1', [id]);
    expect((await rowsOf()).rowCount).toBe(0);
    receiver.answerNext({ status: 503 }, { hangUp: true });
    await publish(1);
    await eventually(async () => (await detailOf(id)).health.failingSince !== null);
    await eventually(async () => {
      expect((await detailOf(id)).health).toEqual({
        ...{ failingSince: null, failures: 0, exhausted: 0, lastFailureAt: null, lastStatus: null },
        permanentSuspect: false,
      });
      return true;
    });
    expect((await rowsOf()).rowCount).toBe(1);
  });

  it('three answers that mean a wrong request make it a suspect, and what is exhausted is counted', async () => {
    const id = await failingEndpoint(404);
    await eventually(async () => (await detailOf(id)).health.exhausted === 1);
    expect((await detailOf(id)).health).toMatchObject({ failures: 4, lastStatus: 404, permanentSuspect: true });
    expect((await detailOf(await failingEndpoint(500))).health).toMatchObject({ permanentSuspect: false });
  });

  it('says once after an hour, a day and three days that it still fails', async () => {
    const id = await failingEndpoint();
    await assessed(id);
    for (const hours of [1, 2, 24, 72, 100]) {
      await age(id, { hours, failures: 15, spread: hours - 1 });
      await assessed(id);
    }
    const failing = { endpointId: id, attempts: 15, lastStatus: 500, failingSince: expect.any(String) };
    expect(await saidAbout(infrastructure, id)).toMatchObject([
      { type: 'webhook_endpoint.failing', sequence: '0000000001', data: { ...failing, reason: 'failing_1h' } },
      { type: 'webhook_endpoint.failing', sequence: '0000000002', data: { ...failing, reason: 'failing_24h' } },
      { type: 'webhook_endpoint.failing', sequence: '0000000003', data: { ...failing, reason: 'failing_72h' } },
    ]);
    expect(await detailOf(id)).toMatchObject({ state: 'active' });
  });

  it('F20 19 failures, or 11 hours of spread, do not disable; 20 over 12 and 120 hours do', async () => {
    const id = await failingEndpoint();
    for (const state of [
      { hours: 200, failures: 19, spread: 190 },
      { hours: 200, failures: 500, spread: 11 },
      { hours: 119, failures: 500, spread: 100 },
    ]) {
      await age(id, state);
      await assessed(id);
      expect(await detailOf(id)).toMatchObject({ state: 'active' });
    }
    await age(id, { hours: 120, failures: 20, spread: 12 });
    await assessed(id);
    expect(await detailOf(id)).toMatchObject({ state: 'disabled', disabledReason: 'failing' });
    expect((await saidAbout(infrastructure, id)).at(-1)).toMatchObject({
      type: 'webhook_endpoint.disabled',
      data: { endpointId: id, reason: 'failing', attempts: 20, lastStatus: 500, failingSince: expect.any(String) },
    });
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    expect((await detailOf(id)).health).toMatchObject({ failingSince: null, failures: 0 });
  });

  it('a paused endpoint is neither spoken of nor disabled', async () => {
    const id = await failingEndpoint();
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await age(id, { hours: 300, failures: 500, spread: 200 });
    await assessed(id);
    expect(await detailOf(id)).toMatchObject({ state: 'paused' });
    expect(await saidAbout(infrastructure, id)).toEqual([]);
  });
});

it('an endpoint’s own schedule counts: two attempts, and then it is exhausted', async () => {
  const { id } = await createEndpoint(api, receiver.url, { retrySchedule: [0, 0] });
  receiver.answerAlways({ status: 500 });
  await publish(1);
  await eventually(async () => (await detailOf(id)).health.exhausted === 1);
  expect(receiver.requests).toHaveLength(2);
});
