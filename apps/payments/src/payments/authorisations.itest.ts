import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { Api } from '@quittance/testing/api';
import { billingEvent, startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let api: Api;
const tenantId = newId();

beforeAll(async () => {
  payments = await startPayments();
  api = await payments.api(tenantId);
});
afterAll(() => payments.stop());

interface Shown {
  locator: string;
  state: string;
  code?: string;
  allowedActions?: string[];
  authorizedTimestamp?: string;
  authorizationExpiresTimestamp?: string;
  postedTimestamp?: string;
  action?: { type: string; url?: string; expiresTimestamp?: string };
}
type Operation = 'capture' | 'void';

const timestamp = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string;
const hold = async (token = 'tok_visa') =>
  (await api.post<Shown>('/payments', { amount: 12.5, token, capture: false })).body;
const follow = (operation: Operation, { locator }: Shown, key = newId()) =>
  api.post<Shown>(`/payments/${locator}/${operation}`, undefined, { 'idempotency-key': key });
const shown = async ({ locator }: Shown) => (await api.get<Shown>(`/payments/${locator}`)).body;
const told = async ({ locator }: Shown) => (await payments.eventsOf(locator)).map(({ type }) => type);
const held = ['payment.created', 'payment.processing', 'payment.authorised'];
const attemptsOf = ({ locator }: Shown) =>
  payments.sql<{ n: number; operation: string; state: string }>(
    'SELECT n, operation, state FROM payment_attempts WHERE payment_id = $1 ORDER BY n',
    [locator],
  );

describe('an authorisation', () => {
  it('is shown ready, with the time it was made and until when it holds', async () => {
    const payment = await hold();
    expect(payment).toMatchObject({
      ...{ state: 'ready', method: 'card' },
      ...{ authorizedTimestamp: timestamp, authorizationExpiresTimestamp: timestamp },
    });
    expect(payment).not.toHaveProperty('postedTimestamp');
    expect(await told(payment)).toEqual(held);
  });

  it('is captured: posted, one charge', async () => {
    const payment = await hold();
    const { status, body } = await follow('capture', payment);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'posted', postedTimestamp: timestamp, amount: 12.5 });
    expect(await told(payment)).toEqual([...held, 'payment.posted']);
    expect(await attemptsOf(payment)).toEqual([
      { n: 1, operation: 'authorise', state: 'succeeded' },
      { n: 2, operation: 'capture', state: 'succeeded' },
    ]);
  });

  it('is given back: discarded, no money moved', async () => {
    const payment = await hold();
    const { status, body } = await follow('void', payment);
    expect([status, body.state]).toEqual([200, 'discarded']);
    expect(await told(payment)).toEqual([...held, 'payment.voided']);
    expect(await follow('capture', payment)).toMatchObject({ status: 409, body: { allowedActions: [] } });
  });

  it('takes no part in the actions of other payments', async () => {
    const answer = await api.send<Shown>('PATCH', `/payments/${(await hold()).locator}`, {
      body: { action: 'discard' },
    });
    expect(answer).toMatchObject({ status: 409, body: { allowedActions: ['capture', 'void'] } });
  });
});

describe('capture and void', () => {
  it('need an Idempotency-Key', async () => {
    const { locator } = await hold();
    for (const operation of ['capture', 'void']) {
      const answer = await api.post<Shown>(`/payments/${locator}/${operation}`);
      expect([answer.status, answer.body.code]).toEqual([400, 'idempotency_key_required']);
    }
  });

  it('are of the whole amount: a field is refused, and nothing is done', async () => {
    const payment = await hold();
    for (const operation of ['capture', 'void']) {
      const headers = { 'idempotency-key': newId() };
      const answer = await api.post<Shown>(`/payments/${payment.locator}/${operation}`, { amount: 5 }, headers);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/amount' }] } });
    }
    expect(await attemptsOf(payment)).toHaveLength(1);
    const headers = { 'idempotency-key': newId() };
    expect((await api.post(`/payments/${payment.locator}/void`, {}, headers)).status).toBe(200);
  });

  it('happen once for one key, and answer alike', async () => {
    const payment = await hold();
    const key = newId();
    const first = await follow('capture', payment, key);
    const again = await follow('capture', payment, key);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await attemptsOf(payment)).toHaveLength(2);
  });

  it('end in one way when both are asked for at once', async () => {
    const payment = await hold();
    const operations: Operation[] = ['capture', 'void', 'capture', 'void', 'capture'];
    const answers = await Promise.all(operations.map((operation) => follow(operation, payment)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await attemptsOf(payment)).toHaveLength(2);
    expect(await told(payment)).toHaveLength(4);
  });

  it('answer ready while nobody knows; nothing else can be done meanwhile; posted when it is known', async () => {
    const payment = await hold('tok_capture_timeout');
    await payments.sandbox.goDown();
    const { status, body } = await follow('capture', payment);
    expect([status, body.state]).toEqual([200, 'ready']);
    for (const operation of ['capture', 'void'] as const) {
      expect(await follow(operation, payment)).toMatchObject({
        status: 409,
        body: { code: 'invalid_transition', allowedActions: [] },
      });
    }
    await payments.sandbox.comeBack();
    await eventually(async () => (await shown(payment)).state === 'posted');
    expect(await told(payment)).toEqual([...held, 'payment.posted']);
  });

  it('tell that the hold is gone, and discard the payment', async () => {
    const payment = await hold('tok_expired_auth');
    const key = newId();
    for (const answer of [await follow('capture', payment, key), await follow('capture', payment, key)]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'authorisation_gone', allowedActions: [] } });
    }
    expect(await shown(payment)).toMatchObject({ state: 'discarded' });
    expect(await told(payment)).toEqual([...held, 'payment.voided']);
  });

  it('leave the payment as it is when a void is refused', async () => {
    const payment = await hold('tok_expired_auth');
    expect(await follow('void', payment)).toMatchObject({
      status: 422,
      body: { code: 'provider_refused', allowedActions: ['capture', 'void'] },
    });
    expect(await shown(payment)).toMatchObject({ state: 'ready', authorizedTimestamp: timestamp });
  });

  it("are 404 for another tenant's payment and for none", async () => {
    const payment = await hold();
    const stranger = await payments.api(newId());
    for (const locator of [payment.locator, newId()]) {
      const headers = { 'idempotency-key': newId() };
      expect((await stranger.post(`/payments/${locator}/capture`, undefined, headers)).status).toBe(404);
      expect((await stranger.post(`/payments/${locator}/void`, undefined, headers)).status).toBe(404);
    }
  });
});

describe('an authorisation that nobody captures', () => {
  const age = ({ locator }: Shown, by: string) =>
    payments.sql(`UPDATE payments SET authorisation_expires_at = now() - $2::interval WHERE id = $1`, [locator, by]);

  it('is given up some time after it ended, and not before', async () => {
    const [fresh, over, captured] = [await hold(), await hold(), await hold()];
    await follow('capture', captured);
    await Promise.all([age(fresh, '1 minute'), age(captured, '1 hour'), age(over, '1 hour')]);
    await eventually(async () => (await shown(over)).state === 'discarded');
    expect(await told(over)).toEqual([...held, 'payment.voided']);
    expect((await shown(fresh)).state).toBe('ready');
    expect((await shown(captured)).state).toBe('posted');
  });

  it('is left alone while a capture of it is under way', async () => {
    const [asked, over] = [await hold('tok_visa'), await hold()];
    await payments.sandbox.goDown();
    await follow('capture', asked);
    await age(asked, '2 hours');
    await age(over, '1 hour');
    await eventually(async () => (await shown(over)).state === 'discarded');
    expect((await shown(asked)).state).toBe('ready');
    await payments.sandbox.comeBack();
    await eventually(async () => (await shown(asked)).state === 'posted');
  });

  it("ends by its tenant's test clock, before the day is said to be reached", async () => {
    const own = { tenantId: newId() };
    const { body: payment } = await (
      await payments.api(own.tenantId)
    ).post<Shown>('/payments', { amount: 1, token: 'tok_visa', capture: false });
    await payments.publish(
      billingEvent({
        ...{ type: 'test_clock.advanced', tenantId: own.tenantId, subject: own.tenantId },
        data: { businessDate: '2099-01-09' },
      }),
    );
    const said = await eventually(async () => {
      const rows = await payments.sql<{ type: string }>(
        'SELECT type FROM event_log WHERE tenant_id = $1 ORDER BY seq',
        [own.tenantId],
      );
      const types = rows.map(({ type }) => type);
      return types.includes('test_clock.reached') && types;
    });
    expect(said).toEqual([...held, 'payment.voided', 'test_clock.reached']);
    expect(await told(payment)).toHaveLength(4);
  });
});

describe('a payment that waits for its customer', () => {
  it('says where the customer goes on, and until when', async () => {
    const { body } = await api.post<Shown>('/payments', { amount: 5, token: 'tok_3ds', capture: true });
    expect(body).toMatchObject({
      state: 'ready',
      action: { type: 'authenticate', url: expect.stringMatching(/^https?:/) as string, expiresTimestamp: timestamp },
    });
    expect((await shown(body)).action).toEqual(body.action);
    const { body: page } = await api.get<{ payments: Shown[] }>('/payments?state=ready&pageSize=1');
    expect(page.payments[0]?.action).toEqual(body.action);
    expect(await told(body)).toEqual(['payment.created', 'payment.processing', 'payment.action_required']);
  });
});
