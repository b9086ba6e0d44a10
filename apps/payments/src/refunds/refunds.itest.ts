import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { scopes, startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { RefundsService } from './refunds.service.ts';

let payments: Payments;
let api: Api;
let second: Api;
const tenantId = newId();
const granted = [...scopes, 'payments:refund'];

// A busy machine needs longer than other tests wait, for fifty charges at once.
const patient = { PROVIDER_TIMEOUT_MS: '2000', ATTEMPT_LEASE_MS: '2500' };

beforeAll(async () => {
  payments = await startPayments({ REFUND_APPROVAL_ABOVE: 'USD:1000.00', ...patient });
  api = await payments.api(tenantId, { granted });
  second = await payments.api(tenantId, { granted, clientId: 'second' });
});
afterAll(() => payments.stop());

interface RefundBody {
  id: string;
  state: string;
  amount: string;
  disbursementId?: string;
}
interface ProblemBody {
  code: string;
  remaining?: string;
  errors?: { pointer?: string; header?: string; detail: string }[];
  allowedActions?: string[];
}

async function paid(amount: string, token = 'tok_visa', currency = 'USD'): Promise<string> {
  const { body } = await api.post<{ locator: string; state: string }>('/payments', {
    ...{ amount, amountCurrency: currency, token, capture: true },
  });
  expect(body.state).toBe('posted');
  return body.locator;
}
const refund = <T = RefundBody>(locator: string, body: object, by = api, key: string = newId()) =>
  by.post<T>(`/payments/${locator}/refunds`, { reason: 'Overpaid', ...body }, { 'idempotency-key': key });
const get = async (id: string) => (await api.get<RefundBody>(`/refunds/${id}`)).body;
const settled = (id: string, state: string) =>
  eventually(async () => {
    const found = await get(id);
    expect(found.state).toBe(state);
    return found;
  });
const typesOf = async (id: string) => (await payments.eventsOf(id)).map(({ type }) => type as string);
const amountsOf = async (locator: string) => {
  const [row] = await payments.sql<{ refunded: string; pending: string }>(
    'SELECT refunded_minor AS refunded, refund_pending_minor AS pending FROM payments WHERE id = $1',
    [locator],
  );
  return [Number(row?.refunded), Number(row?.pending)];
};
const record = (key: string, outcome: ProviderOutcome) =>
  payments.service.app
    .get(Database)
    .tx((tx) => payments.service.app.get(RefundsService, { strict: false }).record(tx, [{ key, outcome }]));

describe('POST /payments/{locator}/refunds', () => {
  it('gives the money back once, and says each step', async () => {
    const locator = await paid('25.67');
    const { status, body } = await refund(locator, { amount: 10 });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...{ paymentLocator: locator, state: 'processing', amount: '10.00', currency: 'USD', requestedBy: 'client' },
      ...{ destination: 'original_method', reason: 'Overpaid' },
    });
    const done = await settled(body.id, 'succeeded');
    expect(done).toMatchObject({ effectiveDate: new Date().toISOString().slice(0, 10) });
    const events = await payments.eventsOf(body.id);
    expect(events.map(({ type, sequence }) => [type, Number(sequence)])).toEqual([
      ...[
        ['refund.requested', 1],
        ['refund.processing', 2],
        ['refund.succeeded', 3],
      ],
    ]);
    expect(events[2]?.data).toMatchObject({
      ...{ refundId: body.id, paymentLocator: locator, state: 'succeeded' },
      ...{ amount: { amountMinor: 1000 }, remainingRefundable: { amount: '15.67' } },
    });
    expect(await amountsOf(locator)).toEqual([1000, 0]);
    expect(payments.sandbox.charges.find('refund', `${body.id}_1`)).toMatchObject({ amountMinor: 1000 });
  });

  it('gives back all that is left when no amount is named', async () => {
    const locator = await paid('25.67');
    await refund(locator, { amount: '5.00' });
    expect((await refund(locator, {})).body.amount).toBe('20.67');
  });

  it('of 1,500.00 gives back 500.00, then 1,000.00, then nothing', async () => {
    const locator = await paid('1500.00');
    const one = await refund(locator, { amount: '500.00' });
    const two = await refund(locator, { amount: '1000.00' });
    await settled(one.body.id, 'succeeded');
    await settled(two.body.id, 'succeeded');
    const third = await refund<ProblemBody>(locator, { amount: '0.01' });
    expect([third.status, third.body.code, third.body.remaining]).toEqual([422, 'exceeds_refundable', '0.00']);
    expect(third.body.errors).toMatchObject([{ pointer: '/amount' }]);
    expect(await amountsOf(locator)).toEqual([150_000, 0]);
  });

  it('of two concurrent 60.00 on 100.00 accepts one and refuses one, in fifty runs at once', async () => {
    const locators = await Promise.all(Array.from({ length: 50 }, () => paid('100.00')));
    const runs = await Promise.all(
      locators.map((locator) => Promise.all([1, 2].map(() => refund<ProblemBody>(locator, { amount: '60.00' })))),
    );
    for (const answers of runs) {
      const refused = answers.find(({ status }) => status === 422);
      expect([answers.map(({ status }) => status).sort(), refused?.body]).toMatchObject([
        [201, 422],
        { code: 'exceeds_refundable', remaining: '40.00' },
      ]);
    }
    const totals = await payments.sql<{ total: string }>(
      'SELECT sum(amount_minor) AS total FROM refunds WHERE payment_id = ANY($1) GROUP BY payment_id',
      [locators],
    );
    expect(totals.map(({ total }) => Number(total))).toEqual(locators.map(() => 6_000));
  }, 60_000);

  it('of fifty concurrent 7.00 on 100.00 accepts fourteen', async () => {
    const locator = await paid('100.00');
    const answers = await Promise.all(Array.from({ length: 50 }, () => refund(locator, { amount: '7.00' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(14);
    const [refunded = 0, pending = 0] = await amountsOf(locator);
    expect(refunded + pending).toBe(9_800);
  });

  it('cannot promise more than there is, even past every rule of the service', async () => {
    const locator = await paid('100.00');
    await refund(locator, { amount: '60.00' });
    const more = payments.sql('UPDATE payments SET refund_pending_minor = refund_pending_minor + 6000 WHERE id = $1', [
      locator,
    ]);
    await expect(more).rejects.toThrow('payments_refunds_covered');
  });

  it('answers a repeated key with the first answer', async () => {
    const locator = await paid('10.00');
    const key = newId();
    const first = await refund(locator, { amount: '4.00' }, api, key);
    const again = await refund(locator, { amount: '4.00' }, api, key);
    expect([again.status, again.headers.get('idempotent-replayed'), again.body]).toEqual([201, 'true', first.body]);
    expect((await api.get<{ items: unknown[] }>(`/payments/${locator}/refunds`)).body.items).toHaveLength(1);
  });

  it.each([
    ['zero', { amount: '0.00' }, '/amount'],
    ['negative', { amount: '-1.00' }, '/amount'],
    ['too many decimals', { amount: '1.001' }, '/amount'],
    ['no amount at all', { amount: 'much' }, '/amount'],
    ['no reason', { reason: '' }, '/reason'],
    ['an unknown destination', { destination: 'cash' }, '/destination'],
    ['an unknown field', { currency: 'USD' }, '/currency'],
  ])('400 for %s', async (_what, body, pointer) => {
    const locator = await paid('10.00');
    const answer = await refund<ProblemBody>(locator, body);
    expect([answer.status, answer.body.errors?.map((error) => error.pointer)]).toEqual([400, [pointer]]);
    expect(await amountsOf(locator)).toEqual([0, 0]);
  });

  it('reads an amount in the currency of the payment', async () => {
    const locator = await paid('1000', 'tok_visa', 'JPY');
    expect((await refund(locator, { amount: '1.5' })).status).toBe(400);
    expect((await refund(locator, { amount: '400' })).body.amount).toBe('400');
  });

  it('400 without a key, 403 without the scope, 404 elsewhere, 409 for what is not posted, 422 for ach', async () => {
    const locator = await paid('10.00');
    const keyless = await api.post<ProblemBody>(`/payments/${locator}/refunds`, { reason: 'x' });
    expect([keyless.status, keyless.body.code]).toEqual([400, 'idempotency_key_required']);
    expect((await refund(locator, {}, await payments.api(tenantId))).status).toBe(403);
    expect((await refund(locator, {}, await payments.api(newId(), { granted }))).status).toBe(404);
    const draft = await api.post<{ locator: string }>('/payments', { amount: '10.00' });
    const early = await refund<ProblemBody>(draft.body.locator, {});
    expect([early.status, early.body.code]).toEqual([409, 'invalid_transition']);
    expect(early.body.allowedActions).toContain('ready');
    const elsewhere = await refund<ProblemBody>(locator, { destination: 'ach' });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([422, 'destination_not_supported']);
    await payments.sql('UPDATE payments SET disputed_minor = 600 WHERE id = $1', [locator]);
    const disputed = await refund<ProblemBody>(locator, { amount: '4.01' });
    expect([disputed.status, disputed.body.code]).toEqual([409, 'payment_disputed']);
  });
});

describe('approval', () => {
  it('is asked of a second client above the limit', async () => {
    const locator = await paid('5000.00');
    const { body } = await refund(locator, { amount: '1000.01' });
    expect(body.state).toBe('pending_approval');
    const own = await api.post<ProblemBody>(`/refunds/${body.id}/approve`);
    expect([own.status, own.body.code]).toEqual([422, 'second_person_required']);
    const approved = await second.post<RefundBody>(`/refunds/${body.id}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { state: 'processing', decidedBy: 'second' } });
    await settled(body.id, 'succeeded');
    expect(await typesOf(body.id)).toEqual([
      ...['refund.requested', 'refund.approved', 'refund.processing', 'refund.succeeded'],
    ]);
    const late = await second.post<ProblemBody>(`/refunds/${body.id}/approve`);
    expect([late.status, late.body.allowedActions]).toEqual([409, []]);
  });

  it.each(['reject', 'cancel'])('that ends in %s frees the amount', async (action) => {
    const locator = await paid('5000.00');
    const { body } = await refund(locator, {});
    expect(await amountsOf(locator)).toEqual([0, 500_000]);
    expect((await second.post<RefundBody>(`/refunds/${body.id}/${action}`)).body.state).toBe('cancelled');
    expect(await amountsOf(locator)).toEqual([0, 0]);
    expect(await typesOf(body.id)).toEqual(['refund.requested', 'refund.cancelled']);
  });
});

describe('a provider', () => {
  it('that takes days leaves the refund processing until it has said more', async () => {
    const locator = await paid('30.00', 'tok_refund_pending');
    const { body } = await refund(locator, {});
    await eventually(async () => {
      const [row] = await payments.sql<{ ref: string | null }>(
        'SELECT provider_ref AS ref FROM refunds WHERE id = $1',
        [body.id],
      );
      return row?.ref !== null;
    });
    expect((await get(body.id)).state).toBe('processing');
    // Keys that are none of ours say nothing of any refund.
    await record(`${newId()}_1`, { kind: 'approved', ref: 're_x', amountMinor: 3000n, currency: 'USD' });
    await record('ch_1', { kind: 'approved', ref: 're_x', amountMinor: 3000n, currency: 'USD' });
    expect((await get(body.id)).state).toBe('processing');
    await record(`${body.id}_1`, { kind: 'approved', ref: 're_late', amountMinor: 3000n, currency: 'USD' });
    expect((await get(body.id)).state).toBe('succeeded');
    expect(await amountsOf(locator)).toEqual([3000, 0]);
  });

  it('that does not answer is asked, and the refund is found, not made again', async () => {
    const locator = await paid('30.00', 'tok_refund_timeout');
    const { body } = await refund(locator, {});
    await settled(body.id, 'succeeded');
    expect(await amountsOf(locator)).toEqual([3000, 0]);
    expect(await typesOf(body.id)).toEqual(['refund.requested', 'refund.processing', 'refund.succeeded']);
  });

  it('that is down leaves the refund unknown, never failed, and is asked again', async () => {
    const locator = await paid('30.00');
    await payments.sandbox.goDown();
    const { body } = await refund(locator, {});
    await settled(body.id, 'unknown');
    expect(await amountsOf(locator)).toEqual([0, 3000]);
    await payments.sandbox.comeBack();
    await settled(body.id, 'succeeded');
  });

  it('is asked about a refund whose process died after claiming it, and makes it once', async () => {
    const locator = await paid('30.00');
    const { body } = await refund(locator, { amount: '10.00' });
    await settled(body.id, 'succeeded');
    const dead = newId();
    // As a process leaves it behind: claimed and committed, the provider has not heard of it, the lease is over.
    await payments.sql('UPDATE payments SET refund_pending_minor = 1000 WHERE id = $1', [locator]);
    await payments.sql(
      `INSERT INTO refunds SELECT r.* FROM refunds o,
         jsonb_populate_record(o, jsonb_build_object('id', $2::uuid, 'state', 'processing', 'effective_on', NULL,
           'provider_ref', NULL, 'finished_at', NULL, 'next_check_at', now())) r WHERE o.id = $1`,
      [body.id, dead],
    );
    await settled(dead, 'succeeded');
    expect(await amountsOf(locator)).toEqual([2000, 0]);
    expect(payments.sandbox.charges.find('refund', `${dead}_1`)).toMatchObject({ amountMinor: 1000 });
    expect(payments.sandbox.charges.find('refund', `${dead}_2`)).toBeUndefined();
  });

  it('that says it five times gives back once, and a second word that differs is flagged', async () => {
    const locator = await paid('30.00', 'tok_refund_pending');
    const { body } = await refund(locator, {});
    await eventually(async () => (await typesOf(body.id)).includes('refund.processing'));
    const yes = { kind: 'approved', ref: 're_5', amountMinor: 3000n, currency: 'USD' } as const;
    await Promise.all(Array.from({ length: 5 }, () => record(`${body.id}_1`, yes)));
    expect(await typesOf(body.id)).toEqual(['refund.requested', 'refund.processing', 'refund.succeeded']);
    expect(await amountsOf(locator)).toEqual([3000, 0]);
    const no = { ref: null, code: 'x', category: 'hard', recommendedAction: 'none' } as const;
    await record(`${body.id}_1`, { kind: 'declined', ...no });
    expect(await typesOf(locator)).toContain('payment.flagged');
    expect(await amountsOf(locator)).toEqual([3000, 0]);
  });

  it('that pays out a payment taken back meanwhile recovers it twice: a person has to look', async () => {
    const locator = await paid('40.00', 'tok_refund_pending');
    const { body } = await refund(locator, {});
    await eventually(async () => (await typesOf(body.id)).includes('refund.processing'));
    await payments.sql("UPDATE payments SET state = 'returned', returned_at = now() WHERE id = $1", [locator]);
    await record(`${body.id}_1`, { kind: 'approved', ref: 're_6', amountMinor: 4000n, currency: 'USD' });
    const flagged = (await payments.eventsOf(locator)).find(({ data }) => 'flag' in data);
    expect(flagged?.data).toMatchObject({ flag: { reason: 'double_recovery', amount: { amountMinor: 4000 } } });
  });

  it('that refuses frees the amount; a second try is a new key', async () => {
    const locator = await paid('30.00', 'tok_refund_fails');
    const { body } = await refund(locator, {});
    expect(await settled(body.id, 'failed')).toMatchObject({ failure: { code: 'account_closed' } });
    expect(await amountsOf(locator)).toEqual([0, 0]);
    expect((await api.post<RefundBody>(`/refunds/${body.id}/retry`)).body.state).toBe('processing');
    await eventually(() => payments.sandbox.charges.find('refund', `${body.id}_2`) !== undefined);
    await settled(body.id, 'failed');
    expect(await typesOf(body.id)).toEqual([
      ...['refund.requested', 'refund.processing', 'refund.failed', 'refund.processing', 'refund.failed'],
    ]);
  });
});

describe('GET', () => {
  it('lists the refunds of a payment, newest first and page by page', async () => {
    const locator = await paid('10.00');
    const ids: string[] = [];
    for (const amount of ['1.00', '2.00', '3.00']) ids.unshift((await refund(locator, { amount })).body.id);
    interface Page {
      items: RefundBody[];
      nextCursor: string | null;
    }
    const { body: first } = await api.get<Page>(`/payments/${locator}/refunds?limit=2`);
    const { body: last } = await api.get<Page>(`/payments/${locator}/refunds?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...last.items].map(({ id }) => id)).toEqual(ids);
    expect(last.nextCursor).toBeNull();
  });

  it("is 404 for another tenant's refund, and so is every move of it", async () => {
    const { body } = await refund(await paid('10.00'), {});
    const stranger = await payments.api(newId(), { granted });
    expect((await stranger.get(`/refunds/${body.id}`)).status).toBe(404);
    const moves = ['approve', 'reject', 'cancel', 'retry', 'convert'];
    const answers = await Promise.all(moves.map((move) => stranger.post(`/refunds/${body.id}/${move}`)));
    expect(answers.map(({ status }) => status)).toEqual(moves.map(() => 404));
  });
});
