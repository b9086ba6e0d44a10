import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { billingEvent, startPayments, usd } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { eventually } from '@quittance/testing/eventually';

let payments: Payments;
let api: Api;
let token: string;
const tenantId = newId();

beforeAll(async () => {
  payments = await startPayments();
  api = await payments.api(tenantId);
  token = await payments.issuer.mint({ audience: 'payments', tenantId, scopes: ['payments:read'] });
});
afterAll(() => payments.stop());

interface Payment {
  locator: string;
  displayId: string;
  postedTimestamp: string;
}
type Receipt = Record<string, unknown> & { id: string; number: string };
interface Page {
  items: Receipt[];
  nextCursor: string | null;
}

const cash = {
  amount: 25.67,
  method: 'cash',
  receivedDate: '2026-01-14',
  policyLocator: 'pol-1',
  invoiceLocator: 'inv-1',
};
const pay = async (body: object = cash) => (await api.post<Payment>('/payments', body)).body;
const receiptsOf = async ({ locator }: Payment) =>
  (await api.get<Page>(`/receipts?paymentLocator=${locator}`)).body.items;
const receiptOf = async (payment: Payment) => {
  const [receipt] = await receiptsOf(payment);
  return (await api.get<Receipt>(`/receipts/${receipt?.id}`)).body;
};
const as = (id: string, accept: string) =>
  fetch(`${payments.service.url ?? ''}/receipts/${id}`, { headers: { authorization: `Bearer ${token}`, accept } });

describe('a receipt', () => {
  it('is issued with the payment that is posted, and told', async () => {
    const payment = await pay();
    const receipt = await receiptOf(payment);
    expect(receipt).toEqual({
      id: expect.any(String) as string,
      number: expect.stringMatching(/^R(-[0-9A-HJKMNP-TV-Z]{5}){3}$/) as string,
      ...{ paymentLocator: payment.locator, paymentDisplayId: payment.displayId, standing: 'paid' },
      ...{ amount: '25.67', currency: 'USD', paidDate: '2026-01-14', issuedTimestamp: payment.postedTimestamp },
      ...{ method: 'cash', policyLocator: 'pol-1', invoiceLocator: 'inv-1' },
    });
    expect(await payments.eventsOf(receipt.id)).toMatchObject([
      {
        type: 'receipt.issued',
        sequence: '0000000001',
        data: {
          ...{ receiptId: receipt.id, number: receipt.number, paymentLocator: payment.locator, policyLocator: 'pol-1' },
          ...{ amount: usd(2567), paidDate: '2026-01-14', issuedTimestamp: payment.postedTimestamp },
        },
      },
    ]);
  });

  it('is not issued for a draft, a no, or an amount that is only held', async () => {
    for (const body of [
      { amount: 1 },
      { amount: 1, token: 'tok_declined_stolen', capture: true },
      { amount: 1, token: 'tok_visa', capture: false },
    ]) {
      expect(await receiptsOf(await pay(body))).toEqual([]);
    }
  });

  it('is issued once when a held amount is captured, with the card it was paid by', async () => {
    const { body: method } = await api.post<{ id: string }>('/payment-methods', {
      ...{ token: 'tok_visa', policyholderLocator: 'ph-1' },
    });
    const payment = await pay({ amount: 3, paymentMethodId: method.id, capture: false });
    const headers = { 'idempotency-key': newId() };
    await api.post(`/payments/${payment.locator}/capture`, undefined, headers);
    await api.post(`/payments/${payment.locator}/capture`, undefined, headers);
    expect(await receiptsOf(payment)).toHaveLength(1);
    expect(await receiptOf(payment)).toMatchObject({ method: 'card', last4: '4242', amount: '3.00' });
  });

  it('is issued for what billing collects, many at a time, in the flow that asked for them', async () => {
    const { body: method } = await api.post<{ id: string }>('/payment-methods', {
      ...{ token: 'tok_visa', policyholderLocator: 'ph-1' },
    });
    const events = Array.from({ length: 5 }, () =>
      billingEvent({
        ...{ type: 'instalment.due', tenantId, subject: newId() },
        data: { instalmentId: newId(), balance: usd(100), paymentMethodId: method.id, policyLocator: 'many' },
      }),
    );
    await payments.publish(...events);
    const issued = await eventually(async () => {
      const rows = await payments.sql<{ body: Buffer }>(
        `SELECT body FROM event_log WHERE type = 'receipt.issued' AND tenant_id = $1`,
        [tenantId],
      );
      const said = rows.map(({ body }) => JSON.parse(body.toString()) as { data: object; correlationid: string });
      const many = said.filter(({ data }) => 'policyLocator' in data && data.policyLocator === 'many');
      expect(many).toHaveLength(5);
      return many;
    });
    expect(issued.map(({ correlationid }) => correlationid).sort()).toEqual(
      events.map(({ correlationid }) => correlationid).sort(),
    );
  });

  it('cannot be there twice, whoever tries', async () => {
    const receipt = await receiptOf(await pay());
    const columns =
      'tenant_id, payment_id, policy_locator, policyholder_locator, amount_minor, currency, paid_on, issued_at';
    await expect(
      payments.sql(
        `INSERT INTO receipts (id, number, ${columns})
         SELECT gen_random_uuid(), 'R-X', ${columns} FROM receipts WHERE id = $1`,
        [receipt.id],
      ),
    ).rejects.toThrow('receipts_once_per_payment');
  });
});

describe('GET /receipts', () => {
  it('walks through all, newest first', async () => {
    const own = await payments.api(newId());
    for (const amount of [1, 2, 3]) await own.post('/payments', { ...cash, amount });
    const { body: first } = await own.get<Page>('/receipts?limit=2');
    const { body: last } = await own.get<Page>(`/receipts?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...last.items].map(({ amount }) => amount)).toEqual(['3.00', '2.00', '1.00']);
    expect(last.nextCursor).toBeNull();
  });

  it('refuses what it does not know', async () => {
    expect((await api.get('/receipts?paymentLocator=x')).status).toBe(400);
    expect((await api.get('/receipts?payment=x')).status).toBe(400);
    expect((await api.get(`/receipts/${newId()}`)).status).toBe(404);
  });

  it("does not show another tenant's", async () => {
    const receipt = await receiptOf(await pay());
    const stranger = await payments.api(newId());
    expect((await stranger.get(`/receipts/${receipt.id}`)).status).toBe(404);
    expect((await stranger.get<Page>('/receipts')).body.items).toEqual([]);
  });
});

describe('what has become of the money', () => {
  it.each<[string, (locator: string) => Promise<unknown>, string]>([
    ['reversed', (locator) => api.post(`/payments/${locator}/reverse`), 'This payment was reversed'],
    [
      'returned',
      (locator) => api.send('PATCH', `/payments/${locator}`, { body: { action: 'return' } }),
      'taken back by the bank',
    ],
    [
      'partially_refunded',
      (locator) => payments.sql('UPDATE payments SET refunded_minor = 500 WHERE id = $1', [locator]),
      'Of this payment 5.00 USD was refunded',
    ],
    [
      'refunded',
      (locator) => payments.sql('UPDATE payments SET refunded_minor = amount_minor WHERE id = $1', [locator]),
      'refunded in full',
    ],
  ])('is said: %s', async (standing, undo, words) => {
    const payment = await pay();
    await undo(payment.locator);
    const receipt = await receiptOf(payment);
    expect(receipt['standing']).toBe(standing);
    const page = await (await as(receipt.id, 'text/html')).text();
    expect(page).toContain(words);
    expect(page).toContain('role="note"');
  });
});

describe('a receipt for people', () => {
  it('is a page that loads and runs nothing, whatever it is given', async () => {
    const payment = await pay({ ...cash, policyLocator: '<script>alert(1)</script>' });
    const { id, number } = await receiptOf(payment);
    const answer = await as(id, 'text/html,*/*;q=0.8');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('vary')).toBe('accept');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await answer.text();
    expect(page).toContain(`<html lang="en">`);
    expect(page).toContain(`<h1>Receipt ${number}</h1>`);
    expect(page).toContain('25.67 USD');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('role="note"');
  });

  it('is a PDF, the same bytes every time', async () => {
    const { id, number } = await receiptOf(await pay());
    const [one, two] = await Promise.all([as(id, 'application/pdf'), as(id, 'application/pdf')]);
    expect(one.headers.get('content-type')).toBe('application/pdf');
    expect(one.headers.get('content-disposition')).toBe(`inline; filename="${number}.pdf"`);
    const bytes = Buffer.from(await one.arrayBuffer());
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.subarray(-6).toString()).toContain('%%EOF');
    expect(Buffer.from(await two.arrayBuffer()).equals(bytes)).toBe(true);
  });
});
