import { randomUUID } from 'node:crypto';
import { Database } from '@quittance/service-kit/database/database';
import { eventually } from '@quittance/testing/eventually';
import { AttemptsService } from '../payments/attempts.service.ts';
import { AttemptRepository } from '../payments/attempt.repository.ts';
import type { PaymentLinkDto } from '../payment-links/payment-link.dto.ts';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { Providers } from '../providers/providers.ts';
import { PaymentLinkRepository } from '../payment-links/payment-link.repository.ts';
import { LinkAttempts } from './link-attempts.service.ts';
import { markIn, payPage } from './pay-page.fixture.ts';

let payments: Payments;
let page: ReturnType<typeof payPage>;
beforeAll(async () => {
  payments = await startPayments({ PAYMENT_LINK_SWEEP_MS: '20', PROVIDER_TIMEOUT_MS: '400' });
  page = payPage(payments);
});
afterAll(() => payments?.stop());

const tenantId = randomUUID();
const path = '/api/v1/payment-links';
const given = {
  employer_id: 'e1',
  carrier_id: 'c1',
  policy_id: 'p1',
  amount_cents: 150000,
  payment_type: 'down_payment',
};
const api = () => payments.api(tenantId, { granted: ['payments:read', 'payments:write', 'payments:refund'] });
const make = async (more: object = {}) => (await (await api()).post<PaymentLinkDto>(path, { ...given, ...more })).body;
const get = async ({ id }: PaymentLinkDto) => (await (await api()).get<PaymentLinkDto>(`${path}/${id}`)).body;
const cancel = async ({ id }: PaymentLinkDto) => (await api()).send<PaymentLinkDto>('DELETE', `${path}/${id}`);
const refund = async ({ id }: PaymentLinkDto, body?: object) =>
  (await api()).post<PaymentLinkDto & { errors: { pointer: string }[] }>(`${path}/${id}/refund`, body);
const typesOf = async ({ id }: PaymentLinkDto) =>
  (await payments.eventsOf(id)).map(({ type }) => (type as string).replace('payment_link.', ''));

interface Row {
  id: string;
  state: string;
  to_suspense: boolean;
  refunded_minor: string;
}
const paymentsOf = ({ id }: PaymentLinkDto) =>
  payments.sql<Row>('SELECT id, state, to_suspense, refunded_minor FROM payments WHERE link_id = $1 ORDER BY id', [id]);
const flagsOf = async (paymentId: string) =>
  (await payments.sql<{ reason: string }>('SELECT reason FROM payment_flags WHERE payment_id = $1', [paymentId])).map(
    ({ reason }) => reason,
  );

/** The provider's word, late: a charge that it had declined went through after all. */
async function lateSuccess(paymentId: string): Promise<void> {
  const key = `late_${paymentId}`;
  const asked = { key, token: 'tok_visa', amountMinor: 150000, currency: 'USD', subject: key, capture: true };
  const init = { method: 'POST', body: JSON.stringify({ ...asked, account: tenantId, on: null }) };
  const { ref } = (await (await fetch(`${payments.sandbox.url}/charges`, init)).json()) as { ref: string };
  const { app } = payments.service;
  await app.get(Database).tx(async (tx) => {
    const attempt = await app.get(AttemptRepository).find(tx, { tenantId, paymentId, n: 1 });
    const outcome = { kind: 'approved', ref, amountMinor: 150000n, currency: 'USD' } as const;
    await app.get(AttemptsService).record(tx, [{ attempt: attempt!, outcome }]);
  });
}

async function declinedOnce(link: PaymentLinkDto): Promise<string> {
  await page.pay(link.url, { token: 'tok_declined_stolen' });
  return (await paymentsOf(link))[0]!.id;
}

describe('a form that is sent many times at once', () => {
  it.each([true, false])(
    'charges once, and everybody is led to what the first came to (with its mark: %s)',
    async (marked) => {
      const link = await make();
      const form = { token: 'tok_visa', ...(marked ? { form: markIn(await page.open(link.url)) } : {}) };
      const answers = await Promise.all(Array.from({ length: 12 }, () => page.pay(link.url, form)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
      expect((await get(link)).status).toBe('completed');
      expect(await paymentsOf(link)).toMatchObject([{ state: 'posted', to_suspense: false }]);
      expect((await typesOf(link)).filter((type) => type !== 'viewed')).toEqual(['created', 'processing', 'completed']);
    },
  );

  it('begins nothing for a form that is older than the latest attempt', async () => {
    const link = await make();
    const form = { token: 'tok_declined_insufficient', form: markIn(await page.open(link.url)) };
    const answers = [await page.pay(link.url, form), await page.pay(link.url, form)];
    expect(answers.map(({ location }) => location?.endsWith('?tried'))).toEqual([true, true]);
    expect(await paymentsOf(link)).toHaveLength(1);
  });

  it('is either paid or cancelled, never both', async () => {
    const links = await Promise.all(Array.from({ length: 10 }, () => make()));
    await Promise.all(
      links.map(async (link) => {
        const [paid, cancelled] = await Promise.all([page.pay(link.url, { token: 'tok_visa' }), cancel(link)]);
        const { status } = await get(link);
        expect([paid.status, cancelled.status, status]).toEqual(
          status === 'completed' ? [303, 409, 'completed'] : [410, 200, 'cancelled'],
        );
        expect(await paymentsOf(link)).toHaveLength(status === 'completed' ? 1 : 0);
      }),
    );
  });
});

describe('a link that is paid in its last second', () => {
  const soon = () => ({ expires_at: new Date(Date.now() + 300).toISOString() });

  it('is completed, though the answer comes after the sweep', async () => {
    const link = await make(soon());
    await page.pay(link.url, { token: 'tok_timeout_approved' });
    const completed = await eventually(async () => {
      const now = await get(link);
      return now.status === 'completed' ? now : null;
    });
    const [{ posted_at: postedAt } = { posted_at: new Date(0) }] = await payments.sql<{ posted_at: Date }>(
      'SELECT posted_at FROM payments WHERE id = $1',
      [completed.payment_id],
    );
    expect(postedAt.getTime()).toBeGreaterThan(Date.parse(link.expires_at));
    expect(await typesOf(link)).toEqual(['created', 'processing', 'completed']);
  });

  it('has expired when it turns out that nothing was charged', async () => {
    const link = await make(soon());
    await page.pay(link.url, { token: 'tok_timeout_declined' });
    await eventually(async () => (await get(link)).status === 'expired');
    expect(await typesOf(link)).toEqual(['created', 'processing', 'expired']);
  });
});

it('is completed once when the request died before it asked the provider', async () => {
  const link = await make();
  const { app } = payments.service;
  // What a request commits before it asks: after that it was gone.
  await app.get(Database).tx(async (tx) => {
    const locked = await app.get(PaymentLinkRepository).lock(tx, { tenantId, id: link.id });
    const described = await app.get(Providers).describe('tok_visa', { tenantId });
    if (described.description.kind !== 'instrument') throw new Error('the sandbox does not know tok_visa');
    const { provider, description } = described;
    const instrument = { token: 'tok_visa', described: { provider, instrument: description.instrument } };
    await app.get(LinkAttempts).begin(tx, locked!, { ...instrument, isStored: false });
  });
  expect((await get(link)).status).toBe('processing');
  await eventually(async () => (await get(link)).status === 'completed');
  const [{ id } = { id: '' }] = await paymentsOf(link);
  const { charges } = (await (await fetch(`${payments.sandbox.url}/charges?subject=${id}`)).json()) as { charges: [] };
  expect(charges).toHaveLength(1);
  expect(await typesOf(link)).toEqual(['created', 'processing', 'completed']);
});

describe('a second success', () => {
  it('is posted to suspense, flagged and given back; the first is kept, and the link completed once', async () => {
    const link = await make();
    const first = await declinedOnce(link);
    await page.pay(link.url, { token: 'tok_visa' });
    const kept = (await get(link)).payment_id;
    await lateSuccess(first);
    const surplus = await eventually(async () => {
      const last = (await paymentsOf(link)).at(-1);
      return last?.refunded_minor === '150000' ? last : null;
    });
    expect(surplus).toMatchObject({ state: 'posted', to_suspense: true });
    expect((await flagsOf(surplus.id)).sort()).toEqual(['late_success', 'paid_twice']);
    expect(await get(link)).toMatchObject({ status: 'completed', payment_id: kept, amount_refunded_cents: 0 });
    expect((await typesOf(link)).filter((type) => type === 'completed')).toHaveLength(1);
    const refunds = await payments.sql('SELECT 1 FROM refunds WHERE payment_id = $1', [surplus.id]);
    expect(refunds).toHaveLength(1);
  });

  it('does not open a link that was cancelled: the money goes back', async () => {
    const link = await make();
    const first = await declinedOnce(link);
    await cancel(link);
    await lateSuccess(first);
    await eventually(async () => (await paymentsOf(link)).at(-1)?.refunded_minor === '150000');
    expect((await get(link)).status).toBe('cancelled');
    expect(await typesOf(link)).toEqual(['created', 'processing', 'reopened', 'cancelled']);
  });

  it('is the first where the link still waits: it is kept, and nobody can pay again', async () => {
    const link = await make();
    await lateSuccess(await declinedOnce(link));
    const late = (await paymentsOf(link)).at(-1)!;
    expect(await get(link)).toMatchObject({ status: 'completed', payment_id: late.id });
    await page.pay(link.url, { token: 'tok_visa' });
    expect(await paymentsOf(link)).toHaveLength(2);

    // What is given back after it proves that it was passed over.
    const other = await make();
    const first = await declinedOnce(other);
    await cancel(other);
    await lateSuccess(first);
    await eventually(async () => (await paymentsOf(other)).at(-1)?.refunded_minor === '150000');
    expect((await paymentsOf(link)).at(-1)).toMatchObject({ refunded_minor: '0', to_suspense: true });
  });

  it('cannot be kept beside the first, whatever the code does: the database refuses', async () => {
    const link = await make();
    await page.pay(link.url, { token: 'tok_visa' });
    const copy = `
      INSERT INTO payments SELECT (jsonb_populate_record(p, jsonb_build_object('id', $2::text, 'display_id', $2::text,
        'provider_ref', $2::text))).* FROM payments p WHERE link_id = $1`;
    await expect(payments.sql(copy, [link.id, randomUUID()])).rejects.toThrow('payments_one_kept_per_link');
  });
});

describe('giving back what a link brought in', () => {
  const paidLink = async () => {
    const link = await make();
    await page.pay(link.url, { token: 'tok_visa' });
    return link;
  };

  it('500.00 of 1,500.00, then 1,000.00, then nothing', async () => {
    const link = await paidLink();
    const partly = await refund(link, { amount_cents: 50000, reason: 'Too much' });
    expect([partly.status, partly.body]).toMatchObject([
      200,
      { id: link.id, url: link.url, status: 'partially_refunded', amount_refunded_cents: 50000 },
    ]);
    const wholly = await refund(link, { amount_cents: 100000 });
    expect([wholly.status, wholly.body]).toMatchObject([200, { status: 'refunded', amount_refunded_cents: 150000 }]);
    expect((await refund(link)).status).toBe(422);
    expect((await typesOf(link)).slice(-3)).toEqual(['completed', 'partially_refunded', 'refunded']);
    expect((await page.open(link.url)).html).toMatch(/Given back to you<\/dt>\s*<dd>\$1,500\.00/);
  });

  it('all of it without an amount, and without a body', async () => {
    expect((await refund(await paidLink())).body).toMatchObject({ status: 'refunded', amount_refunded_cents: 150000 });
  });

  it('never more than there is, and nothing of a link that was not paid', async () => {
    const over = await refund(await paidLink(), { amount_cents: 150001 });
    expect([over.status, over.body.errors[0]?.pointer]).toEqual([422, '/amount_cents']);
    expect(await refund(await make())).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });
    expect((await refund({ ...(await make()), id: randomUUID() })).status).toBe(404);
    expect((await refund(await paidLink(), { amount_cents: 0 })).status).toBe(400);
  });

  it('once for one Idempotency-Key, with the same answer', async () => {
    const link = await paidLink();
    const by = await api();
    const once = () =>
      by.post<PaymentLinkDto>(
        `${path}/${link.id}/refund`,
        { amount_cents: 1000 },
        { 'idempotency-key': 'refund-once' },
      );
    const [first, again] = [await once(), await once()];
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await get(link)).amount_refunded_cents).toBe(1000);
  });

  it('of ten at once for 400.00 each, three', async () => {
    const link = await paidLink();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(link, { amount_cents: 40000 })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(7);
    expect(await get(link)).toMatchObject({ status: 'partially_refunded', amount_refunded_cents: 120000 });
  });

  it('shows the link as it is while a refund takes days', async () => {
    const link = await make();
    await page.pay(link.url, { token: 'tok_refund_pending' });
    const answer = await refund(link);
    expect([answer.status, answer.body]).toMatchObject([200, { status: 'completed', amount_refunded_cents: 0 }]);
  });
});
