import { randomUUID } from 'node:crypto';
import { eventually } from '@quittance/testing/eventually';
import type { PaymentLinkDto } from '../payment-links/payment-link.dto.ts';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
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
const printed = {
  employer_id: 'e1',
  carrier_id: 'c1',
  policy_id: 'POL-1',
  amount_cents: 250000,
  payment_type: 'down_payment',
};
const plan = { count: 10, per_installment_cents: 75000 };

const api = () => payments.api(tenantId);
const make = async (more: object = {}) =>
  (await (await api()).post<PaymentLinkDto>(path, { ...printed, ...more })).body;
const get = async ({ id }: PaymentLinkDto) => (await (await api()).get<PaymentLinkDto>(`${path}/${id}`)).body;
const typesOf = async ({ id }: PaymentLinkDto) =>
  (await payments.eventsOf(id)).map(({ type }) => (type as string).replace('payment_link.', ''));
const paymentOf = async (link: PaymentLinkDto) => {
  const { payment_id } = await get(link);
  return (await (await api()).get<Record<string, unknown>>(`/payments/${payment_id}`)).body;
};

describe('a link that can be paid', () => {
  it('shows what is asked, by whom and until when, and nothing of the customer', async () => {
    const link = await make({
      ...{ payee_name: 'Acme <Mutual>', due_date: '2031-05-31', expires_at: '2031-06-30T10:00:00Z' },
      ...{ customer: { name: 'Smith', email: 'a@smith.example' }, installment_plan: plan },
    });
    const { status, html } = await page.open(link.url);
    expect(status).toBe(200);
    for (const shown of ['$2,500.00', 'Acme &lt;Mutual&gt;', 'POL-1', 'Down payment', 'May 31, 2031', 'Jun 30, 2031'])
      expect(html).toContain(shown);
    expect(html).toContain('10 further monthly payments of $750.00');
    // Of addresses there is one: the name of a language.
    expect(html.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/smith|<script|https?:\/\//i);
    expect(html.length).toBeLessThan(20_000);
  });

  it('formats the amount by its currency', async () => {
    const yen = await payments.api(randomUUID(), { currency: 'JPY' });
    const { body } = await yen.post<PaymentLinkDto>(path, { ...printed, amount_cents: 2500 });
    expect((await page.open(body.url)).html).toContain('¥2,500');
  });

  it('keeps the page to itself', async () => {
    const { headers } = await page.open((await make()).url);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'nonce-[\w+/=]{24}';/);
    expect(policy).toContain("form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    expect(policy).not.toMatch(/unsafe|script-src|\*/);
    expect(Object.fromEntries(headers)).toMatchObject({
      ...{ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' },
      ...{ 'x-content-type-options': 'nosniff', 'cross-origin-opener-policy': 'same-origin' },
    });
  });

  it('says once that it was viewed', async () => {
    const link = await make();
    await page.send(link.url, { method: 'HEAD' });
    await Promise.all([page.open(link.url), page.open(link.url), page.open(link.url)]);
    expect(await typesOf(link)).toEqual(['created', 'viewed']);
  });
});

describe('paying', () => {
  it('completes the link with one payment, and leads back to a page that says so', async () => {
    const link = await make({ invoice_locator: 'inv-1' });
    expect((await page.open(`${link.url}/receipt`)).status).toBe(404);
    const answer = await page.pay(link.url, { token: 'tok_visa', form: markIn(await page.open(link.url)) });
    expect([answer.status, answer.location]).toEqual([303, new URL(link.url).pathname]);
    const paid = await page.open(link.url);
    expect([paid.status, paid.html.includes('Payment received')]).toEqual([200, true]);

    expect(await get(link)).toMatchObject({ status: 'completed', amount_refunded_cents: 0 });
    const payment = await paymentOf(link);
    expect(paid.html).toContain(payment['displayId']);
    const receipt = await page.open(`${link.url}/receipt`);
    expect([receipt.status, receipt.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(receipt.html.startsWith('%PDF-')).toBe(true);
    expect(payment).toMatchObject({
      ...{ state: 'posted', amount: 2500, policyLocator: 'POL-1', policyholderLocator: 'e1', invoiceLocator: 'inv-1' },
    });
    expect(await typesOf(link)).toEqual(['created', 'viewed', 'processing', 'completed']);
    const said = await payments.eventsOf(payment['locator'] as string);
    expect(said.at(-1)).toMatchObject({ type: 'payment.posted', data: { linkId: link.id, channel: 'link' } });
  });

  it('stores the method that a plan goes on with, and says so with the completion', async () => {
    const link = await make({ installment_plan: plan });
    await page.pay(link.url, { token: 'tok_visa' });
    const completed = (await payments.eventsOf(link.id)).at(-1)?.data as unknown as Record<string, unknown>;
    const payment = await paymentOf(link);
    expect(completed).toMatchObject({
      ...{ status: 'completed', paymentLocator: payment['locator'], paymentMethodId: payment['paymentMethodId'] },
      installmentPlan: { count: 10, interval: 'monthly', perInstallment: { amountMinor: 75000 } },
    });
    const method = await (await api()).get(`/payment-methods/${payment['paymentMethodId'] as string}`);
    expect(method.body).toMatchObject({ state: 'active', last4: '4242' });
  });

  it('keeps no method of a plan whose first payment failed', async () => {
    const link = await make({ installment_plan: plan });
    await page.pay(link.url, { token: 'tok_declined_insufficient' });
    const methods = await payments.sql<{ state: string }>(
      'SELECT m.state FROM payment_methods m JOIN payments p ON p.payment_method_id = m.id WHERE p.link_id = $1',
      [link.id],
    );
    expect(methods).toEqual([{ state: 'revoked' }]);
    expect((await get(link)).status).toBe('active');
  });

  it('tells why it did not work, and lets another method work', async () => {
    const link = await make();
    const declined = await page.pay(link.url, { token: 'tok_declined_stolen' });
    expect([declined.status, declined.location]).toEqual([303, `${new URL(link.url).pathname}?tried`]);
    const again = await page.open(`${link.url}?tried`);
    expect(again.html).toMatch(/role="alert"[\s\S]*did not go through[\s\S]*have not been charged/);
    expect((await page.open(link.url)).html).not.toContain('role="alert"');
    expect(await get(link)).toMatchObject({ status: 'active' });
    expect(await get(link)).not.toHaveProperty('payment_id');

    await page.pay(link.url, { token: 'tok_visa', form: markIn(again) });
    expect((await get(link)).status).toBe('completed');
    expect(await typesOf(link)).toEqual([
      ...['created', 'processing', 'reopened', 'viewed', 'processing', 'completed'],
    ]);
  });

  it.each([
    [{}, 'Please choose'],
    [{ token: '' }, 'Please choose'],
    [{ token: 'tok_nobody' }, 'cannot be used here'],
    [{ token: 'x'.repeat(201) }, 'Please choose'],
  ])('asks again for a method with 422 (%#)', async (fields, text) => {
    const link = await make();
    const answer = await page.pay(link.url, fields);
    expect([answer.status, answer.html.includes(text)]).toEqual([422, true]);
    expect(await typesOf(link)).toEqual(['created']);
  });

  it('waits with a bank account until the bank has said yes', async () => {
    const link = await make();
    await page.pay(link.url, { token: 'tok_ach' });
    const { status, html } = await page.open(link.url);
    expect([status, html.includes('Payment in progress'), html.includes('<form')]).toEqual([200, true, false]);
    expect((await get(link)).status).toBe('processing');
    const cancelled = await (await api()).send('DELETE', `${path}/${link.id}`);
    expect([cancelled.status, cancelled.body]).toMatchObject([409, { code: 'invalid_transition', allowedActions: [] }]);
  });

  it('sends the customer to the bank that asks, and back', async () => {
    const link = await make();
    await page.pay(link.url, { token: 'tok_3ds' });
    const { html } = await page.open(link.url);
    const action = /class="button" href="([^"]+)"/.exec(html)?.[1] ?? '';
    expect(action.startsWith(`${payments.sandbox.url}/actions/`)).toBe(true);
    expect(new URL(action).searchParams.get('return_to')).toBe(link.url);
  });

  it('stays in progress while the provider does not answer, and is completed when it is found out', async () => {
    const link = await make();
    await page.pay(link.url, { token: 'tok_timeout_approved' });
    await eventually(async () => (await get(link)).status === 'completed');
    expect(payments.sandbox.failures).toEqual([]);
  });

  it('says that nothing was charged when the provider is away', async () => {
    const link = await make();
    await payments.sandbox.goDown();
    try {
      const answer = await page.pay(link.url, { token: 'tok_visa' });
      expect([answer.status, answer.html.includes('You have not been charged')]).toEqual([503, true]);
    } finally {
      await payments.sandbox.comeBack();
    }
    expect(await typesOf(link)).toEqual(['created']);
  });
});

describe('a link that is closed', () => {
  it('is 410 when it has expired, for the page and for a form', async () => {
    const link = await make({ expires_at: new Date(Date.now() + 250).toISOString() });
    const form = { token: 'tok_visa', form: markIn(await page.open(link.url)) };
    const answer = await eventually(async () => {
      const opened = await page.open(link.url);
      return opened.status === 410 ? opened : null;
    });
    expect(answer.html).toContain('This link has expired');
    expect((await page.pay(link.url, form)).status).toBe(410);
    await eventually(async () => (await get(link)).status === 'expired');
  });

  it('is 410 when it was cancelled', async () => {
    const link = await make();
    await (await api()).send('DELETE', `${path}/${link.id}`);
    const answers = [await page.open(link.url), await page.pay(link.url, { token: 'tok_visa' })];
    expect(answers.map(({ status, html }) => [status, html.includes('This link is closed')])).toEqual([
      ...[
        [410, true],
        [410, true],
      ],
    ]);
  });

  it('is 404 when nobody ever made it', async () => {
    const { url } = await make();
    const guess = `${url.slice(0, -4)}AAAA`;
    const answers = [await page.open(guess), await page.pay(guess, { token: 'tok_visa' }), await page.open('/pay/x')];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(answers[0]!.html).toContain('We cannot find this page');
    expect(answers[0]!.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

describe('a form that was not sent from the page', () => {
  it.each([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ origin: 'https://elsewhere.example' }],
    [{ origin: 'null' }],
  ])('is refused: %j', async (headers) => {
    const link = await make();
    const answer = await page.pay(link.url, { token: 'tok_visa' }, headers);
    expect([answer.status, answer.html.includes('did not come from our page')]).toEqual([403, true]);
    expect(await typesOf(link)).toEqual(['created']);
  });

  it.each([[{ 'sec-fetch-site': 'same-origin', origin: 'null' }], [{ origin: 'http://127.0.0.1:8080' }], [{}]])(
    'and one that was is taken: %j',
    async (headers) => {
      const link = await make();
      expect((await page.pay(link.url, { token: 'tok_visa' }, headers)).status).toBe(303);
      expect((await get(link)).status).toBe('completed');
    },
  );

  it('is told by its mark where a browser does not say where it came from', async () => {
    const link = await make();
    const other = await make();
    const mark = markIn(await page.open(link.url));
    const origin = { origin: 'null' };
    expect((await page.pay(other.url, { token: 'tok_visa', form: mark }, origin)).status).toBe(403);
    expect((await page.pay(link.url, { token: 'tok_visa', form: mark }, origin)).status).toBe(303);
  });

  it('is a form on no other path', async () => {
    const by = await api();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await by.send('POST', path, { body: 'amount_cents=1', headers: type })).status).toBe(400);
    expect((await by.send('POST', '/payments', { body: 'amount=1', headers: type })).status).toBe(415);
    expect(
      (await page.send((await make()).url, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }))
        .status,
    ).toBe(415);
  });
});
