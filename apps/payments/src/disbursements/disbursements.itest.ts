import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import type { EventData } from '@quittance/events/catalogue';
import { billingEvent, scopes, startPayments, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';

let payments: Payments;
let api: Api;
let second: Api;
const tenantId = newId();
const granted = [...scopes, 'payments:refund'];

beforeAll(async () => {
  payments = await startPayments({ REFUND_BY_CHECK_WHEN_METHOD_GONE: 'true', PROVIDER_TIMEOUT_MS: '2000' });
  api = await payments.api(tenantId, { granted });
  second = await payments.api(tenantId, { granted, clientId: 'second' });
});
afterAll(() => payments.stop());

interface Body {
  id: string;
  state: string;
  requestId?: string;
  reference?: string;
  effectiveDate?: string;
}
interface ProblemBody {
  code: string;
  allowedActions?: string[];
  errors?: { pointer: string }[];
}

const requested = (of: string, data: Partial<EventData<'disbursement_request.created'>> = {}) => {
  const requestId = data.requestId ?? newId();
  return billingEvent({
    ...{ type: 'disbursement_request.created', tenantId: of, subject: requestId },
    data: { requestId, amount: usd(2000), ...data },
  });
};
async function found(by: Api, requestId: string): Promise<Body> {
  return eventually(async () => {
    const { body } = await by.get<{ items: Body[] }>('/disbursements?limit=500');
    return body.items.find((one) => one.requestId === requestId);
  });
}
async function asked(data: Partial<EventData<'disbursement_request.created'>> = {}): Promise<Body> {
  const event = requested(tenantId, data);
  await payments.publish(event);
  return found(api, event.subject);
}
const move = <T = Body>(id: string, action: string, body?: object, by = api) =>
  by.post<T>(`/disbursements/${id}/${action}`, body);
async function walk(id: string, ...actions: string[]): Promise<Body> {
  let last: Body | undefined;
  for (const action of actions) {
    const { status, body } = await move(id, action, undefined, action === 'approve' ? second : api);
    expect([action, status]).toEqual([action, 200]);
    last = body;
  }
  return last!;
}
const typesOf = async (id: string) => (await payments.eventsOf(id)).map(({ type }) => type as string);

describe('disbursement_request.created', () => {
  it('becomes a cheque: approved, executed under a number, issued, cleared', async () => {
    const { id, ...rest } = await asked({ reason: 'Return premium' });
    expect(rest).toMatchObject({ state: 'validated', method: 'check', amount: '20.00', reason: 'Return premium' });
    const executing = await walk(id, 'approve', 'execute');
    expect(executing).toMatchObject({ state: 'executing', approvedBy: 'second' });
    expect(executing.reference).toMatch(/^1\d{5}$/);
    const executed = await walk(id, 'issue');
    expect(executed).toMatchObject({ state: 'executed', effectiveDate: new Date().toISOString().slice(0, 10) });
    await walk(id, 'clear');
    const events = await payments.eventsOf(id);
    expect(events.map(({ type, sequence }) => [type, Number(sequence)])).toEqual([
      ...[
        ['disbursement.created', 1],
        ['disbursement.approved', 2],
      ],
      ...[
        ['disbursement.executed', 3],
        ['disbursement.cleared', 4],
      ],
    ]);
    expect(events[2]?.data).toMatchObject({ reference: executing.reference, amount: { amountMinor: 2000 } });
  });

  it('that comes twice, and in another event again, is one disbursement', async () => {
    const requestId = newId();
    const once = requested(tenantId, { requestId });
    await payments.publish(once, once, requested(tenantId, { requestId }));
    await asked();
    const { body } = await api.get<{ items: Body[] }>('/disbursements?limit=500');
    expect(body.items.filter((one) => one.requestId === requestId)).toHaveLength(1);
  });

  it('by a way that we cannot pay is a draft until somebody makes it a cheque', async () => {
    const draft = await asked({ method: 'ach' });
    expect(draft.state).toBe('draft');
    const refused = await move<ProblemBody>(draft.id, 'validate', {});
    expect([refused.status, refused.body]).toMatchObject([
      422,
      { code: 'destination_not_supported', errors: [{ pointer: '/method' }] },
    ]);
    expect((await move(draft.id, 'validate', { method: 'check' })).body).toMatchObject({ state: 'validated' });
  });

  it.each([
    ['rejected', ['reject']],
    ['discarded', ['reset', 'discard']],
  ])('that ends %s has failed, and billing hears it', async (state, actions) => {
    const { id } = await asked();
    expect((await walk(id, ...actions)).state).toBe(state);
    const events = await payments.eventsOf(id);
    expect(events.at(-1)).toMatchObject({ type: 'disbursement.failed', data: { state, failure: { code: state } } });
  });
});

describe('a cheque', () => {
  it('whose printing failed is executed again under a new number, and nobody hears of the failure', async () => {
    const { id } = await asked();
    const one = await walk(id, 'approve', 'execute');
    expect((await move(id, 'fail', { code: 'printer_jam' })).body).toMatchObject({
      ...{ state: 'failed', failure: { code: 'printer_jam' } },
    });
    const two = await walk(id, 'execute');
    expect(two.reference).not.toBe(one.reference);
    expect(await typesOf(id)).toEqual(['disbursement.created', 'disbursement.approved']);
  });

  it('bears a number once: given ones are refused when taken, and left out when drawn', async () => {
    const [a, b, c] = [await asked(), await asked(), await asked()];
    for (const { id } of [a, b, c]) await walk(id, 'approve');
    const { reference } = (await move(a.id, 'execute')).body;
    const next = String(Number(reference) + 1);
    const taken = await move<ProblemBody>(b.id, 'execute', { reference });
    expect([taken.status, taken.body]).toMatchObject([
      409,
      { code: 'reference_taken', errors: [{ pointer: '/reference' }] },
    ]);
    expect((await move(b.id, 'execute', { reference: next })).body.reference).toBe(next);
    expect((await move(c.id, 'execute')).body.reference).toBe(String(Number(next) + 1));
  });

  it('drawn twenty times at once has twenty numbers', async () => {
    const events = Array.from({ length: 20 }, () => requested(tenantId));
    await payments.publish(...events);
    const all = await Promise.all(events.map(({ subject }) => found(api, subject)));
    await Promise.all(all.map(({ id }) => move(id, 'approve', undefined, second)));
    const drawn = await Promise.all(all.map(({ id }) => move(id, 'execute')));
    expect(new Set(drawn.map(({ body }) => body.reference)).size).toBe(20);
  });

  it('that is stopped goes back to its source; what is over allows nothing more', async () => {
    const { id } = await asked();
    await walk(id, 'approve', 'execute', 'issue', 'void');
    expect((await typesOf(id)).at(-1)).toBe('disbursement.voided');
    const late = await move<ProblemBody>(id, 'clear');
    expect([late.status, late.body.code, late.body.allowedActions]).toEqual([409, 'invalid_transition', []]);
  });

  it("goes stale by the tenant's date, 180 days after it was issued", async () => {
    const other = newId();
    const [one, two] = [
      await payments.api(other, { granted }),
      await payments.api(other, { granted, clientId: 'second' }),
    ];
    const reach = (businessDate: string) =>
      payments.publish(
        billingEvent({ type: 'test_clock.advanced', tenantId: other, subject: other, data: { businessDate } }),
      );
    const isReached = async (on: string) => {
      const days = await payments.sql('SELECT 1 FROM test_clock_days WHERE tenant_id = $1 AND business_on = $2', [
        ...[other, on],
      ]);
      return days.length > 0;
    };
    await reach('2030-01-01');
    await eventually(() => isReached('2030-01-01'));
    const event = requested(other);
    await payments.publish(event);
    const { id } = await found(one, event.subject);
    for (const [action, by] of [
      ['approve', two],
      ['execute', one],
      ['issue', one],
    ] as const) {
      await move(id, action, undefined, by);
    }
    const stateOf = async () => (await one.get<Body>(`/disbursements/${id}`)).body;
    expect(await stateOf()).toMatchObject({ state: 'executed', effectiveDate: '2030-01-01' });
    // The sweep has passed over the day before when a cheque of another tenant, due then, is stale.
    await reach('2030-06-29');
    await eventually(() => isReached('2030-06-29'));
    const sweep = newId();
    await payments.sql(
      `INSERT INTO disbursements SELECT r.* FROM disbursements o, jsonb_populate_record(o, jsonb_build_object(
         'id', $2::uuid, 'tenant_id', $3::uuid, 'request_id', $2::uuid, 'effective_on', '2001-01-01')) r
        WHERE o.id = $1`,
      [id, sweep, newId()],
    );
    const isStale = async (which: string) => (await typesOf(which)).includes('disbursement.stale');
    await eventually(() => isStale(sweep));
    expect((await stateOf()).state).toBe('executed');
    await reach('2030-06-30');
    await eventually(() => isStale(id));
    expect((await stateOf()).state).toBe('stale');
  });
});

describe('a refund by cheque', () => {
  interface Refund {
    id: string;
    state: string;
    disbursementId: string;
  }
  const refundOf = async (id: string) => (await api.get<Refund>(`/refunds/${id}`)).body;
  const amountsOf = async (locator: string) => {
    const [row] = await payments.sql<{ refunded: string; pending: string }>(
      'SELECT refunded_minor AS refunded, refund_pending_minor AS pending FROM payments WHERE id = $1',
      [locator],
    );
    return [Number(row?.refunded), Number(row?.pending)];
  };
  async function cash(): Promise<{ locator: string; refund: Refund }> {
    const { body } = await api.post<{ locator: string }>('/payments', {
      ...{ amount: '50.00', method: 'cash', receivedDate: '2025-01-05' },
    });
    const refund = await api.post<Refund>(
      `/payments/${body.locator}/refunds`,
      { reason: 'Overpaid' },
      { 'idempotency-key': newId() },
    );
    expect(refund.status).toBe(201);
    return { locator: body.locator, refund: refund.body };
  }

  it('is given back when the cheque is issued, and that is one fact', async () => {
    const { locator, refund } = await cash();
    expect(refund).toMatchObject({ state: 'processing', destination: 'check' });
    const { disbursementId: id } = refund;
    const own = await move<ProblemBody>(id, 'approve');
    expect([own.status, own.body.code]).toEqual([422, 'second_person_required']);
    await walk(id, 'approve', 'execute');
    expect(await amountsOf(locator)).toEqual([0, 5000]);
    await walk(id, 'issue');
    expect(await amountsOf(locator)).toEqual([5000, 0]);
    expect((await refundOf(refund.id)).state).toBe('succeeded');
    expect(await typesOf(refund.id)).toEqual(['refund.requested', 'refund.processing']);
    const events = await payments.eventsOf(id);
    expect(events.at(-1)).toMatchObject({
      type: 'disbursement.executed',
      data: { refundId: refund.id, paymentLocator: locator, source: { type: 'refund', id: refund.id } },
    });
  });

  it.each([
    ['rejected', ['reject']],
    ['voided', ['approve', 'execute', 'issue', 'void']],
  ])('that is %s frees the amount, and can be made a cheque again', async (_how, actions) => {
    const { locator, refund } = await cash();
    await walk(refund.disbursementId, ...actions);
    expect(await amountsOf(locator)).toEqual([0, 0]);
    expect((await refundOf(refund.id)).state).toBe('failed');
    const again = await api.post<Refund>(`/refunds/${refund.id}/convert`);
    expect([again.status, again.body.state]).toEqual([200, 'processing']);
    expect(again.body.disbursementId).not.toBe(refund.disbursementId);
    expect(await amountsOf(locator)).toEqual([0, 5000]);
  });

  it('is not written any more when the payment was taken back, and one already written is flagged', async () => {
    const [early, late] = [await cash(), await cash()];
    await walk(late.refund.disbursementId, 'approve', 'execute');
    await payments.sql("UPDATE payments SET state = 'returned', returned_at = now() WHERE id = ANY($1)", [
      [early.locator, late.locator],
    ]);
    const refused = await move<ProblemBody>(early.refund.disbursementId, 'approve', undefined, second);
    expect([refused.status, refused.body.allowedActions]).toEqual([409, ['reset', 'reject', 'discard']]);
    await walk(late.refund.disbursementId, 'issue');
    const flagged = (await payments.eventsOf(late.locator)).find(({ data }) => 'flag' in data);
    expect(flagged?.data).toMatchObject({ flag: { reason: 'double_recovery', amount: { amountMinor: 5000 } } });
  });

  it('is what a refund becomes by itself when the account is closed, where the configuration says so', async () => {
    const paid = await api.post<{ locator: string }>('/payments', {
      ...{ amount: '30.00', token: 'tok_refund_fails', capture: true },
    });
    const { locator } = paid.body;
    const asked = await api.post<Refund>(
      `/payments/${locator}/refunds`,
      { reason: 'Overpaid' },
      { 'idempotency-key': newId() },
    );
    const { id } = asked.body;
    const disbursementId = await eventually(async () => (await refundOf(id)).disbursementId);
    expect(await amountsOf(locator)).toEqual([0, 3000]);
    expect(await typesOf(id)).toEqual([
      ...['refund.requested', 'refund.processing', 'refund.failed', 'refund.processing'],
    ]);
    await walk(disbursementId, 'approve', 'execute', 'issue');
    expect(await amountsOf(locator)).toEqual([3000, 0]);
    expect((await refundOf(id)).state).toBe('succeeded');
  });
});

describe('HTTP', () => {
  it('lists by state and policy, newest first', async () => {
    const policyLocator = `POL-${newId().slice(-8)}`;
    const one = await asked({ policyLocator });
    const two = await asked({ policyLocator });
    await walk(one.id, 'approve');
    const idsOf = async (query: string) =>
      (await api.get<{ items: Body[] }>(`/disbursements?policyLocator=${policyLocator}${query}`)).body.items.map(
        ({ id }) => id,
      );
    expect(await idsOf('')).toEqual([two.id, one.id]);
    expect(await idsOf('&state=approved')).toEqual([one.id]);
    expect((await api.get('/disbursements?state=lost')).status).toBe(400);
  });

  it("is 404 for another tenant's, and for every move of it", async () => {
    const { id } = await asked();
    const stranger = await payments.api(newId(), { granted });
    expect((await stranger.get(`/disbursements/${id}`)).status).toBe(404);
    const moves = ['validate', 'approve', 'reset', 'reject', 'discard', 'execute', 'issue', 'fail', 'clear', 'void'];
    const answers = await Promise.all([...moves, 'mark-stale'].map((one) => move(id, one, undefined, stranger)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  });
});
