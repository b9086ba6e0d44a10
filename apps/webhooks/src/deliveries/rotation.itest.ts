import { jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { Clock } from '@quittance/service-kit/clock';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { ReceivedRequest } from '@quittance/testing/webhook-receiver';
import { WebhookVerifier } from '@quittance/webhook-verifier';
import { createEndpoint, deliveriesOf, eventOf, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
/** Where an endpoint moves to. Stopped also after a test that failed: a socket left open would keep the run alive. */
let moved: WebhookReceiver;
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
  [receiver, moved] = await Promise.all([WebhookReceiver.start(), WebhookReceiver.start()]);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all([receiver.stop(), moved.stop()]);
});

const rotate = async (id: string, body: object = {}) => {
  const answer = await api.post<any>(`/webhook-endpoints/${id}/rotate-secret`, body);
  expect(answer.status).toBe(201);
  return answer.body as { id: string; secret: string; notBefore: string };
};
const events = (count: number) => Array.from({ length: count }, () => eventOf('payment.posted', tenantId));
const idOf = ({ headers }: ReceivedRequest) => String(headers['webhook-id']);
const signaturesOf = ({ headers }: ReceivedRequest) => String(headers['webhook-signature']).split(' ');

/** Whether one of the request's signatures is the one that the public library makes of it under this secret. */
function verifies(request: ReceivedRequest, secret: string): boolean {
  const sentAt = new Date(Number(request.headers['webhook-timestamp']) * 1000);
  return signaturesOf(request).includes(new Webhook(secret).sign(idOf(request), sentAt, request.body));
}

/** Sends one event and answers under which of the secrets its request verifies. */
async function sentUnder(secrets: Record<string, string>): Promise<string[]> {
  const event = eventOf('payment.posted', tenantId);
  await infrastructure.publish([event]);
  const request = await receiver.received((each) => idOf(each) === event.id);
  const names = Object.keys(secrets).filter((name) => verifies(request, secrets[name] ?? ''));
  expect(signaturesOf(request)).toHaveLength(names.length);
  return names;
}

describe('F21 rotation under load', () => {
  it('every request verifies under old or new, and under both inside the overlap', async () => {
    const { id, secret: old } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 204, delayMs: 20 });
    const [before, during, after] = [events(60), events(60), events(60)];
    await infrastructure.publish(before.slice(0, 30));
    await receiver.received();
    // The second half is on its way while the secret changes.
    const [rotated] = await Promise.all([rotate(id), infrastructure.publish([...before.slice(30), ...during])]);
    await infrastructure.publish(after);
    await deliveriesOf(api, id, 'delivered', 50);
    await eventually(() => new Set(receiver.requests.map(idOf)).size === 180);
    const seen = receiver.requests.map((request) => ({
      id: idOf(request),
      old: verifies(request, old),
      new: verifies(request, rotated.secret),
    }));
    expect(seen.filter((request) => !request.old)).toEqual([]);
    const late = new Set(after.map((event) => event.id));
    expect(seen.filter((request) => late.has(request.id) && !request.new)).toEqual([]);
    expect(seen.some((request) => !request.new)).toBe(true);
  });

  it('without an overlap the old secret signs nothing published afterwards, and every request verifies', async () => {
    const { id, secret: old } = await createEndpoint(api, receiver.url);
    const [before, after] = [events(60), events(20)];
    const [rotated] = await Promise.all([rotate(id, { overlapSeconds: 0 }), infrastructure.publish(before)]);
    await infrastructure.publish(after);
    await eventually(() => new Set(receiver.requests.map(idOf)).size === 80);
    const under = (request: ReceivedRequest) => [verifies(request, old), verifies(request, rotated.secret)];
    expect(receiver.requests.filter((request) => !under(request).includes(true))).toEqual([]);
    const late = new Set(after.map((event) => event.id));
    const lateRequests = receiver.requests.filter((request) => late.has(idOf(request)));
    expect(new Set(lateRequests.map((request) => String(under(request))))).toEqual(new Set(['false,true']));
  });

  it('a secret begins and ends at its time, without anything being loaded anew', async () => {
    const { id, secret: old } = await createEndpoint(api, receiver.url);
    const now = Date.now();
    const notBefore = new Date(now + 3_600_000).toISOString();
    const next = await rotate(id, { notBefore, overlapSeconds: 600 });
    const secrets = { old, next: next.secret };
    const version = async () => {
      const { rows } = await infrastructure.admin.query(
        'SELECT config_version FROM tenant_configs WHERE tenant_id = $1',
        [tenantId],
      );
      return rows[0].config_version as string;
    };
    const known = await version();
    expect(await sentUnder(secrets)).toEqual(['old']);
    const shift = (ms: number) =>
      jest.spyOn(service.app.get(Clock), 'now').mockImplementation(() => new Date(now + ms));
    for (const [ms, expected] of [
      [3_599_999, ['old']],
      [3_600_000, ['old', 'next']],
      [4_199_999, ['old', 'next']],
      [4_200_000, ['next']],
    ] as const) {
      shift(ms);
      expect([ms, await sentUnder(secrets)]).toEqual([ms, expected]);
    }
    expect(await version()).toBe(known);
  });

  it('v1a: a receiver that knows the published keys only takes it, beside v1 while both are live', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url);
    await rotate(id, { kind: 'v1a' });
    await infrastructure.publish(events(1));
    const request = await receiver.received();
    expect(signaturesOf(request).map((each) => each.split(',')[0])).toEqual(['v1a', 'v1']);
    expect(verifies(request, secret)).toBe(true);
    const keySet = await new Api(service.url ?? '').get<any>(`/.well-known/webhooks-jwks.json?endpoint=${id}`);
    const verifier = new WebhookVerifier(keySet.body.keys);
    expect(verifier.verify(request.body, request.headers).id).toBe(idOf(request));
    expect(() => verifier.verify(`${request.body} `, request.headers)).toThrow('no signature');
  });
});

describe('F22 edited while queued', () => {
  it('the next attempt goes to the new URL signed anew under the new secret, with the id it had', async () => {
    const { id, secret: old } = await createEndpoint(api, receiver.url);
    receiver.answerAlways({ status: 503, headers: { 'retry-after': '3600' } });
    // Ten minutes ago: no secret had begun yet by this clock, and still nothing goes unsigned.
    const clock = jest.spyOn(service.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() - 600_000));
    const event = eventOf('payment.posted', tenantId);
    await infrastructure.publish([event]);
    const first = await receiver.received();
    await eventually(async () => (await api.get(`/webhook-endpoints/${id}`)).body['holdUntil'] !== null);
    clock.mockRestore();
    const { secret } = await rotate(id, { overlapSeconds: 0 });
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { url: moved.url, state: 'active' } });
    const [delivery] = await deliveriesOf(api, id, 'pending');
    expect((await api.post(`/webhook-deliveries/${String(delivery?.['id'])}/retry`)).status).toBe(202);
    const second = await moved.received();
    expect([idOf(first), idOf(second)]).toEqual([event.id, event.id]);
    expect(second.body).toBe(first.body);
    const sentAt = ({ headers }: ReceivedRequest) => Number(headers['webhook-timestamp']);
    expect(sentAt(second) - sentAt(first)).toBeGreaterThanOrEqual(600);
    expect([verifies(first, old), verifies(second, old), verifies(second, secret)]).toEqual([true, false, true]);
    await deliveriesOf(api, id, 'delivered');
    expect(receiver.requests).toHaveLength(1);
  });
});
