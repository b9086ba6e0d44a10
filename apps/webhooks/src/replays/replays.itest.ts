import { formatSequence } from '@quittance/events/envelope';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import {
  createEndpoint,
  deliveriesOf,
  eventOf,
  saidAbout,
  startInfrastructure,
  startWebhooks,
  verified,
} from '../testing/harness.itest.ts';
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

const from = new Date(Date.now() - 3_600_000).toISOString();
const eventsOf = (count: number) => Array.from({ length: count }, () => eventOf('payment.posted', tenantId));
const detailOf = async (id: string) => (await api.get<any>(`/webhook-endpoints/${id}`)).body;
const replayOf = async (id: string) => (await api.get<any>(`/webhook-replays/${id}`)).body;
const completed = (id: string) =>
  eventually(async () => {
    const replay = await replayOf(id);
    return replay.state === 'completed' && replay;
  });
const receivedIds = () => receiver.requests.map(({ headers }) => headers['webhook-id']);

async function replayed(body: object) {
  const { status, body: replay } = await api.post<any>('/webhook-replays', { from, ...body });
  expect(status).toBe(201);
  return completed(replay.id);
}

describe('F19 an endpoint that answers 410', () => {
  it('is disabled, it is said, later events are a gap, and enable with recover brings them all', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 410 });
    const [first, ...later] = eventsOf(6);
    await infrastructure.publish([first!]);
    await eventually(async () => (await detailOf(id)).state === 'disabled');
    await infrastructure.publish(later);
    const gap = await eventually(async () => {
      const [found] = (await detailOf(id)).gaps;
      return found?.count === 5 && found;
    });
    expect(gap).toEqual({ reason: 'disabled', firstEventId: later[0]!.id, lastEventId: later.at(-1)!.id, count: 5 });
    const open = await infrastructure.admin.query('SELECT message_id FROM deliveries WHERE endpoint_id = $1', [id]);
    expect(open.rows).toEqual([{ message_id: first!.id }]);

    const enabled = await api.post<any>(`/webhook-endpoints/${id}/enable`, { recover: true });
    expect(enabled).toMatchObject({ status: 200, body: { id, state: 'active', disabledReason: null } });
    const replay = await completed(enabled.body.replayId);
    expect(replay).toMatchObject({ endpointId: id, onlyFailed: true, replayed: 5 });
    await deliveriesOf(api, id, 'delivered', 6);
    const after = receiver.requests.slice(1);
    expect(new Set(after.map((request) => verified(request, secret)['id']))).toEqual(
      new Set([first!.id, ...later.map((event) => event.id)]),
    );
    expect(after).toHaveLength(6);
    expect((await detailOf(id)).gaps).toEqual([]);
    expect((await saidAbout(infrastructure, id)).map(({ type }) => type)).toEqual([
      'webhook_endpoint.disabled',
      'webhook_endpoint.enabled',
    ]);
    const steps = await saidAbout(infrastructure, replay.id);
    expect(steps.map(({ sequence }) => Number(sequence))).toEqual(steps.map((_, at) => at + 1));
    expect(steps.flatMap(({ data }) => data.eventIds)).toEqual(later.map((event) => event.id).toSorted());
    expect(steps[0]).toMatchObject({
      type: 'webhook_delivery.replayed',
      data: { endpointId: id, replayId: replay.id },
    });
  });

  it('enable without recover leaves the gap, and recover since its first event brings it later', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    receiver.answerNext({ status: 200, headers: { 'webhook-delivery': 'disable' } });
    await infrastructure.publish(eventsOf(1));
    await eventually(async () => (await detailOf(id)).state === 'disabled');
    const missed = eventsOf(3);
    await infrastructure.publish(missed);
    await eventually(async () => (await detailOf(id)).gaps[0]?.count === 3);
    const recover = (body: object) => api.post<any>(`/webhook-endpoints/${id}/recover`, body);
    expect((await recover({ since: from })).body).toMatchObject({ status: 409, code: 'endpoint_not_active' });
    expect((await api.post<any>(`/webhook-endpoints/${id}/enable`)).body).toMatchObject({ replayId: null });
    const [gap] = (await detailOf(id)).gaps;
    const { status, body } = await recover({ sinceId: gap.firstEventId });
    expect([status, body.onlyFailed]).toEqual([201, true]);
    await completed(body.id);
    await deliveriesOf(api, id, 'delivered', 4);
    expect(receivedIds().slice(1).toSorted()).toEqual(missed.map((event) => event.id).toSorted());
    expect((await detailOf(id)).gaps).toEqual([]);
  });
});

describe('S-125 a replay of what was delivered', () => {
  it('sends the same id and payload under a new attempt number, signed anew', async () => {
    const { id, secret } = await createEndpoint(api, receiver.url);
    const [event] = eventsOf(1);
    await infrastructure.publish([event!]);
    const [delivery] = await deliveriesOf(api, id, 'delivered');
    expect(await replayed({ endpointId: id, onlyFailed: true })).toMatchObject({ scanned: 1, replayed: 0 });
    expect(await replayed({ endpointId: id })).toMatchObject({ scanned: 1, replayed: 1 });
    await eventually(() => receiver.requests.length === 2);
    const [first, second] = receiver.requests;
    expect([second!.body, second!.headers['webhook-id']]).toEqual([first!.body, event!.id]);
    expect(verified(second!, secret)).toMatchObject({ id: event!.id });
    const detail = await eventually(async () => {
      const { body } = await api.get<any>(`/webhook-deliveries/${String(delivery?.['id'])}`);
      return body.state === 'delivered' && body.attempts.length === 2 && body;
    });
    expect(detail.attempts.map(({ number }: any) => number)).toEqual([1, 2]);
  });
});

describe('what a replay sends', () => {
  it('onlyFailed: what was exhausted, with all of its schedule again, and nothing that was taken', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await infrastructure.publish(eventsOf(2));
    await deliveriesOf(api, id, 'delivered', 2);
    receiver.answerAlways({ status: 500 });
    const [lost] = eventsOf(1);
    await infrastructure.publish([lost!]);
    await deliveriesOf(api, id, 'exhausted', 1);
    receiver.answerAlways({ status: 204 });
    // Three of four attempts fail again: with what was left of the old schedule it would be given up at the first.
    receiver.answerNext({ status: 500 }, { status: 500 }, { status: 500 });
    const { body } = await api.post<any>(`/webhook-endpoints/${id}/recover`, { since: from });
    expect(await completed(body.id)).toMatchObject({ scanned: 3, replayed: 1 });
    await deliveriesOf(api, id, 'delivered', 3);
    await deliveriesOf(api, id, 'exhausted', 0);
    expect(receivedIds().filter((one) => one === lost!.id)).toHaveLength(8);
  });

  it('only the types it names, only what the endpoint wants, and never a second row for what is open', async () => {
    const { id } = await createEndpoint(api, receiver.url, { eventTypes: ['payment.posted', 'payment.failed'] });
    await infrastructure.publish([
      ...[eventOf('payment.posted', tenantId), eventOf('payment.failed', tenantId)],
      eventOf('instalment.paid', tenantId),
    ]);
    await deliveriesOf(api, id, 'delivered', 2);
    const body = { endpointId: id, eventTypes: ['payment.failed'] };
    expect(await replayed(body)).toMatchObject({ scanned: 3, replayed: 1 });
    await deliveriesOf(api, id, 'delivered', 2);
    receiver.answerNext({ status: 503, headers: { 'retry-after': '600' } });
    await infrastructure.publish(eventsOf(1));
    await eventually(async () => (await detailOf(id)).holdUntil !== null);
    const during = await replayed({ endpointId: id, onlyFailed: true });
    expect(during).toMatchObject({ scanned: 4, replayed: 0 });
    const { rows } = await infrastructure.admin.query('SELECT FROM deliveries WHERE endpoint_id = $1', [id]);
    expect(rows).toHaveLength(1);
  });

  it('what the endpoint’s filter and channels let through now, and no example that tried it out', async () => {
    const posted = (policyLocator: string, amountMinor: number) => {
      const event = eventOf('payment.posted', tenantId);
      const amount = { amount: String(amountMinor / 100), amountMinor, currency: 'USD' };
      return { ...event, data: { ...(event.data as object), policyLocator, amount } };
    };
    const { id } = await createEndpoint(api, receiver.url);
    const events = [posted('P-1', 100), posted('P-1', 900), posted('P-2', 900)];
    await infrastructure.publish(events as never);
    await deliveriesOf(api, id, 'delivered', 3);
    expect((await api.post(`/webhook-endpoints/${id}/test`, {})).status).toBe(202);
    await deliveriesOf(api, id, 'delivered', 4);
    const asks = { channels: ['policy:P-1'], filter: { 'data.amount.amountMinor': { $gt: 500 } } };
    expect((await api.send('PATCH', `/webhook-endpoints/${id}`, { body: asks })).status).toBe(200);
    expect(await replayed({ endpointId: id })).toMatchObject({ scanned: 3, replayed: 1 });
    await eventually(() => receiver.requests.length === 5);
    expect(receivedIds().at(-1)).toBe(events[1]!.id);
  });

  it('also what was still being written when it was asked for, though its id lies behind others', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const [late, ...early] = eventsOf(3);
    await infrastructure.publish(early);
    await deliveriesOf(api, id, 'delivered', 2);
    const writer = await infrastructure.admin.connect();
    await writer.query('BEGIN');
    await writer.query(
      `INSERT INTO messages (tenant_id, id, event_type, subject, occurred_at, body)
       VALUES ($1, $2, 'payment.posted', 's', now(), '{}')`,
      [tenantId, late!.id],
    );
    const { body } = await api.post<any>(`/webhook-endpoints/${id}/recover`, { since: from });
    await eventually(async () => {
      const sql = 'SELECT horizon IS NOT NULL AS waits FROM replay_jobs WHERE id = $1';
      return (await infrastructure.admin.query(sql, [body.id])).rows[0].waits;
    });
    expect(await replayOf(body.id)).toMatchObject({ state: 'running', scanned: 0 });
    await writer.query('COMMIT');
    writer.release();
    expect(await completed(body.id)).toMatchObject({ scanned: 3, replayed: 1 });
    await receiver.received(({ headers }) => headers['webhook-id'] === late!.id);
  });

  it('in the order of each subject, where the endpoint keeps one, whatever the order of the ids', async () => {
    const { id } = await createEndpoint(api, receiver.url, { ordering: 'key_block' });
    receiver.answerNext({ status: 410 });
    await infrastructure.publish(eventsOf(1));
    await eventually(async () => (await detailOf(id)).state === 'disabled');
    const subject = newId();
    // The last one was given its id first.
    const [third, second, first] = [3, 2, 1].map((n) =>
      eventOf('payment.posted', tenantId, { subject, sequence: formatSequence(n) }),
    );
    const inOrder = [first!, second!, third!];
    await infrastructure.publish(inOrder);
    await eventually(async () => (await detailOf(id)).gaps[0]?.count === 3);
    // A failure in the middle: what comes after it waits.
    const failures = [500];
    receiver.answerBy(({ headers }) => ({
      status: headers['webhook-id'] === second!.id ? (failures.pop() ?? 204) : 204,
      delayMs: 20,
    }));
    await completed((await api.post<any>(`/webhook-endpoints/${id}/enable`, { recover: true })).body.replayId);
    await deliveriesOf(api, id, 'delivered', 4);
    const ofSubject = new Set(inOrder.map((event) => event.id));
    expect(receivedIds().filter((each) => ofSubject.has(String(each)))).toEqual([
      ...[first!.id, second!.id],
      ...[second!.id, third!.id],
    ]);
  });

  it('live traffic goes first: while a second’s worth is due, nothing is added', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await infrastructure.publish(eventsOf(3));
    await deliveriesOf(api, id, 'delivered', 3);
    receiver.answerAlways({ status: 204, delayMs: 1_000 });
    const live = eventsOf(2);
    await infrastructure.publish(live);
    await eventually(() => receiver.requests.length === 5);
    const { body } = await api.post<any>('/webhook-replays', { endpointId: id, from, ratePerSecond: 1 });
    await eventually(async () => (await replayOf(body.id)).replayed > 0);
    const { rows } = await infrastructure.admin.query('SELECT FROM deliveries WHERE message_id = ANY($1)', [
      live.map((event) => event.id),
    ]);
    expect(rows).toEqual([]);
    receiver.answerAlways({ status: 204 });
    await api.post(`/webhook-replays/${body.id}/cancel`);
  });
});

describe('replays over HTTP', () => {
  it('are listed newest first, by endpoint and state, and cancelled while they run', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await infrastructure.publish(eventsOf(30));
    await deliveriesOf(api, id, 'delivered', 30);
    const old = await replayed({ endpointId: id, to: from, from: '2020-01-01T00:00:00Z' });
    const { body } = await api.post<any>('/webhook-replays', { endpointId: id, from, ratePerSecond: 1 });
    await eventually(async () => (await replayOf(body.id)).replayed > 0);
    const listed = (query: string) => api.get<any>(`/webhook-replays?endpointId=${id}${query}`);
    expect((await listed('')).body.items.map((each: any) => each.id)).toEqual([body.id, old.id]);
    expect((await listed('&state=running')).body.items).toMatchObject([{ id: body.id }]);
    expect((await listed('&limit=1')).body.nextCursor).toEqual(expect.any(String));
    const cancelled = await api.post<any>(`/webhook-replays/${body.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled', finishedAt: expect.any(String) } });
    expect(cancelled.body.replayed).toBeLessThan(30);
    const again = await api.post<any>(`/webhook-replays/${body.id}/cancel`);
    expect(again).toMatchObject({ status: 409, body: { code: 'invalid_transition', allowedActions: [] } });
  });

  it('a replay waits while its endpoint is paused, and goes on as a replay that still runs', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    await infrastructure.publish(eventsOf(3));
    await deliveriesOf(api, id, 'delivered', 3);
    const { body } = await api.post<any>('/webhook-replays', { endpointId: id, from, ratePerSecond: 1 });
    await eventually(async () => (await replayOf(body.id)).replayed > 0);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'paused' } });
    await eventually(async () => {
      const sql = `SELECT next_step_at > now() + interval '2 seconds' AS waits FROM replay_jobs WHERE id = $1`;
      return (await infrastructure.admin.query(sql, [body.id])).rows[0].waits;
    });
    const waiting = await replayOf(body.id);
    expect(waiting).toMatchObject({ state: 'running' });
    expect(waiting.replayed).toBeLessThan(3);
    await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state: 'active' } });
    expect(await completed(body.id)).toMatchObject({ replayed: 3 });
  });

  it('a replay fails, with the reason, when its endpoint is disabled or removed', async () => {
    const ids = await Promise.all([1, 2].map(async () => (await createEndpoint(api, receiver.url)).id));
    await infrastructure.publish(eventsOf(3));
    for (const id of ids) await deliveriesOf(api, id, 'delivered', 3);
    const [disabled, removed] = await Promise.all(
      ids.map(async (endpointId) => {
        const { body } = await api.post<any>('/webhook-replays', { endpointId, from, ratePerSecond: 1 });
        return body.id as string;
      }),
    );
    await infrastructure.admin.query(
      `UPDATE endpoints SET state = 'disabled', disabled_reason = 'gone' WHERE id = $1`,
      [ids[0]],
    );
    await api.send('DELETE', `/webhook-endpoints/${ids[1]}`);
    await eventually(async () => (await replayOf(disabled!)).failure === 'endpoint_disabled');
    await eventually(async () => (await replayOf(removed!)).failure === 'endpoint_removed');
  });

  it('refuses what is wrong by its pointer, and stores nothing', async () => {
    const { id } = await createEndpoint(api, receiver.url);
    const refusedBy = async (path: string, body: object) => {
      const answer = await api.post<any>(path, body);
      return [answer.status, ...(answer.body.errors ?? []).map(({ pointer }: any) => pointer)];
    };
    const recover = `/webhook-endpoints/${id}/recover`;
    expect(await refusedBy('/webhook-replays', {})).toEqual([400, '/endpointId', '/from']);
    expect(await refusedBy('/webhook-replays', { endpointId: id, from: '2026-02-30T00:00:00Z' })).toEqual([
      ...[400, '/from'],
    ]);
    expect(await refusedBy('/webhook-replays', { endpointId: id, from, eventTypes: ['x'] })).toEqual([
      ...[400, '/eventTypes/0'],
    ]);
    expect(await refusedBy('/webhook-replays', { endpointId: id, from, to: '2020-01-01T00:00:00Z' })).toEqual([
      ...[422, '/to'],
    ]);
    expect(await refusedBy('/webhook-replays', { endpointId: id, from, ratePerSecond: 501 })).toEqual([
      ...[400, '/ratePerSecond'],
    ]);
    expect(await refusedBy('/webhook-replays', { endpointId: newId(), from })).toEqual([404]);
    expect(await refusedBy(recover, {})).toEqual([400, '/since']);
    expect(await refusedBy(recover, { since: from, sinceId: newId() })).toEqual([400, '/since']);
    expect(await refusedBy(recover, { sinceId: 'x' })).toEqual([400, '/sinceId']);
    expect(await refusedBy(`/webhook-endpoints/${id}/enable`, { recover: 'yes' })).toEqual([400, '/recover']);
    expect((await api.get<any>('/webhook-replays')).body.items).toEqual([]);
  });
});
