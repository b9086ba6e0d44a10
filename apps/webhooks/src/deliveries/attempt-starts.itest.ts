import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { spawnService } from '@quittance/testing/service';
import type { SpawnedService } from '@quittance/testing/service';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: SpawnedService;
let receiver: WebhookReceiver;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await spawnService('webhooks', infrastructure.env({ WEBHOOK_TIMEOUT_MS: '20000' }));
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

const detailOf = async (id: unknown) => (await api.get<any>(`/webhook-deliveries/${String(id)}`)).body;
const starts = async () =>
  (await infrastructure.admin.query('SELECT id, n FROM attempt_starts WHERE tenant_id = $1', [tenantId])).rows;

describe('auditStrict', () => {
  it('is off unless asked for, and may be switched', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    expect((await api.get(`/webhook-endpoints/${id}`)).body).toMatchObject({ auditStrict: false });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await deliveriesOf(api, id, 'delivered');
    expect(await starts()).toEqual([]);
    const change = (auditStrict: unknown) =>
      api.send<any>('PATCH', `/webhook-endpoints/${id}`, { body: { auditStrict } });
    expect(await change('yes')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/auditStrict' }] } });
    expect(await change(null)).toMatchObject({ status: 400 });
    expect(await change(true)).toMatchObject({ status: 200, body: { auditStrict: true } });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    const [delivery] = await deliveriesOf(api, id, 'delivered', 2);
    const { attempts, unsettledStarts } = await detailOf(delivery?.['id']);
    expect(await starts()).toEqual([{ id: attempts[0].id, n: 1 }]);
    expect(unsettledStarts).toEqual([]);
  });

  it('a request that dies with its process leaves a trace', async () => {
    const { id } = await createEndpoint(api, receiver.url, { auditStrict: true });
    receiver.answerNext({ status: 204, delayMs: 4_000 });
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await receiver.received();
    const [waiting] = await deliveriesOf(api, id, 'pending');
    expect(await detailOf(waiting?.['id'])).toMatchObject({ attempts: [], unsettledStarts: [{ number: 1 }] });
    await service.kill();
    await service.restart();
    await deliveriesOf(api, id, 'delivered');
    const { attempts, unsettledStarts } = await detailOf(waiting?.['id']);
    expect(attempts).toMatchObject([{ number: 1, outcome: 'succeeded', possibleDuplicate: true }]);
    expect(unsettledStarts).toHaveLength(1);
    expect(await starts()).toHaveLength(2);
    expect(receiver.requests).toHaveLength(2);
  }, 60_000);

  it('what cannot be written down is not sent', async () => {
    const { id } = await createEndpoint(api, receiver.url, { auditStrict: true });
    const other = await WebhookReceiver.start();
    await createEndpoint(api, other.url);
    const blocker = await infrastructure.admin.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE attempt_starts');
    await infrastructure.publish([eventOf('payment.posted', tenantId)]);
    await other.received();
    const [waiting] = await eventually(async () => {
      const { body } = await api.get<any>(`/webhook-deliveries?endpointId=${id}&state=pending`);
      return body.items[0]?.lastError === 'start_not_written' && body.items;
    });
    expect(receiver.requests).toEqual([]);
    await blocker.query('ROLLBACK');
    blocker.release();
    await deliveriesOf(api, id, 'delivered');
    expect((await detailOf(waiting.id)).attempts[0]).toMatchObject({ status: null, error: 'start_not_written' });
    await other.stop();
  });
});
