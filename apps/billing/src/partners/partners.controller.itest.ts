import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { attempt, chosen, ninety, partnerOf, places, policyholder, priced, term } from '../testing/partner.itest.ts';
import type { Partner, Problem } from '../testing/partner.itest.ts';
import type { BookingDto } from './booking.dto.ts';
import type { QuotePackageDto } from './quoted.dto.ts';

let billing: Billing;
let api: Api;
let partner: Partner;
const tenantId = newId();

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.partnerApi(tenantId, 'ACME');
  partner = partnerOf(api);
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

const quotes = '/x/partners/ACME/quotes';
const booking = (id: string) => `/x/partners/ACME/bookings/${id}`;
const instalments = (id: string) => `${booking(id)}/instalments`;

describe('POST …/quotes/, 201', () => {
  it('S-01: answers the plans with the amounts that the document prints: 308.00, first 25.67', async () => {
    const { id, currency, quotes: all } = await partner.quoted(priced);
    expect([id, currency]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), 'USD']);
    expect(Object.keys(all)).toEqual(['0']);
    expect(all['0']?.instalment_plans).toContainEqual({
      ...{ name: '1year-monthly', label: '1Year-Monthly', amount: 308.0, first_instalment_amount: 25.67 },
    });
    expect(all['0']).toMatchObject({
      ...{ policy_start_date: '2021-08-25T00:00:00.000Z', policy_end_date: '2022-08-25T00:00:00.000Z' },
      ...{ premium: 280, amount: 308, surcharges: {} },
      tax: {
        taxes: [{ code: 'IPT', amount: '28.00', amount_formatted: '$28.00' }],
        total_amount_without_tax: '280.00',
      },
    });
  });

  it('takes amounts as numbers and as strings, without loss', async () => {
    const text = `{"currency":"USD","quotes":[{"policy_start_date":"2026-01-01","policy_end_date":"2027-01-01",
      "premium":280.10,"tax":{"total_tax":"28.00"},"surcharges":{"surcharges":[{"code":"FSL","amount":0.15}]}}]}`;
    const { status, body } = await api.post<QuotePackageDto>(quotes, text);
    expect([status, body.quotes['0']?.amount]).toEqual([201, 308.25]);
    expect(body.quotes['0']?.surcharges.total_surcharge).toBe('0.15');
  });

  it('S-09: in the currency that was asked for, whatever its decimals', async () => {
    const first = async (currency: string, premium: string) => {
      const { body } = await api.post<QuotePackageDto>(quotes, { currency, quotes: [{ ...term, premium }] });
      return body.quotes['0']?.instalment_plans.find(({ name }) => name === '1year-monthly');
    };
    expect(await first('JPY', '308')).toMatchObject({ amount: 308, first_instalment_amount: 26 });
    expect(await first('KWD', '308.000')).toMatchObject({ amount: 308, first_instalment_amount: 25.667 });
  });

  it('makes no policy and owes nothing', async () => {
    const own = newId();
    await (await billing.partnerApi(own, 'ACME')).post(quotes, { currency: 'USD', quotes: [priced] });
    expect(await billing.eventsOf(own)).toEqual([]);
    expect(await billing.sql('SELECT FROM policies WHERE tenant_id = $1', [own])).toEqual([]);
  });
});

describe('POST …/quotes/, 400', () => {
  it('names everything that is wrong at once, and stores nothing', async () => {
    const count = 'SELECT FROM partner_quote_packages';
    const before = (await billing.sql(count)).length;
    const wrong = [
      { ...priced, policy_end_date: '2021-08-25', premium: '280.001', surprise: 1 },
      { ...priced, tax: { taxes: [{ code: 'IPT', amount: -1 }, { amount: '1.00' }] }, surcharges: [] },
      { ...priced, policy_start_date: '25/08/2021', tax: { taxes: [{ code: 'IPT', amount: '1.00' }], total_tax: 2 } },
      { ...term, premium: 0 },
      7,
    ];
    const { status, body } = await api.post<Problem>(quotes, { currency: 'USD', quotes: wrong });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(places(body)).toEqual(
      expect.arrayContaining([
        ...['/quotes/0/policy_end_date', '/quotes/0/premium', '/quotes/0/surprise'],
        ...['/quotes/1/tax/taxes/0/amount', '/quotes/1/tax/taxes/1/code'],
        ...['/quotes/2/policy_start_date', '/quotes/2/tax/total_tax', '/quotes/3/premium'],
      ]),
    );
    for (const none of [{}, { currency: 'USD', quotes: [] }, { currency: 'XXL', quotes: [priced] }])
      expect((await api.post(quotes, none)).status).toBe(400);
    expect((await billing.sql(count)).length).toBe(before);
  });
});

describe('POST …/bookings/{quote_package_id}/, 201', () => {
  it('makes a policy of each quote, which the partner collects, and keeps nothing of the policyholder', async () => {
    const { id, status, currency, quotes: made } = await partner.booked(priced, ninety);
    expect([status, currency, made.length]).toEqual(['CONFIRMED', 'USD', 2]);
    const policies = await billing.sql<Record<string, unknown>>(
      'SELECT * FROM policies WHERE tenant_id = $1 AND locator = ANY($2::uuid[])',
      [tenantId, made.map((quote) => quote.policy_locator)],
    );
    expect(policies).toHaveLength(2);
    for (const policy of policies) {
      expect(policy).toMatchObject({ collection: 'partner', time_zone: 'UTC', plan: '1year-monthly' });
      expect(policy).toMatchObject({ policyholder_locator: id, billing_method: 'direct', payment_method_id: null });
    }
    const kept = await billing.sql<{ text: string }>(
      `SELECT p::text AS text FROM partner_quote_packages p UNION ALL SELECT q::text FROM partner_quotes q
       UNION ALL SELECT p::text FROM policies p UNION ALL SELECT convert_from(e.body, 'UTF8') FROM event_log e`,
    );
    expect(kept.filter(({ text }) => /Ada|ada@/.test(text))).toEqual([]);
  });

  it('is the same answer for the same Idempotency-Key, and makes nothing more', async () => {
    const found = await partner.quoted(priced);
    const key = { 'idempotency-key': newId() };
    const book = () => api.post<BookingDto>(booking(found.id), { quotes: chosen(found), policyholder }, key);
    const [first, second] = [await book(), await book()];
    expect([first.status, second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect(second.body).toEqual(first.body);
  });

  it('takes a part of the quotes, and pays at once where no plan is named', async () => {
    const found = await partner.quoted(priced, ninety);
    const { body } = await api.post<BookingDto>(booking(found.id), { quotes: [{ id: found.quotes['1']?.id }] });
    expect(body.quotes).toEqual([
      { id: found.quotes['1']?.id, instalment_plan: 'full-pay', policy_locator: expect.any(String) as string },
    ]);
    expect((await partner.read(found.id)).quotes.map((quote) => quote.total_amount_due)).toEqual([90]);
  });
});

describe('POST …/bookings/{quote_package_id}/, 4xx', () => {
  it('409: a package is booked once, also by two at a time', async () => {
    const found = await partner.quoted(priced);
    const book = () => api.post<Problem>(booking(found.id), { quotes: chosen(found) });
    const answers = await Promise.all([book(), book(), book()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    expect((await book()).body.code).toBe('quotes_already_booked');
    const made = await billing.sql('SELECT FROM policies WHERE tenant_id = $1 AND policyholder_locator = $2', [
      tenantId,
      found.id,
    ]);
    expect(made).toHaveLength(1);
  });

  it('422: a plan that there is not, or that does not fit, with its place; nothing is booked then', async () => {
    const long = { ...priced, policy_end_date: '2024-08-25' };
    const found = await partner.quoted(priced, long);
    const [fits, tooLong] = chosen(found);
    const book = (all: object[]) => api.post<Problem>(booking(found.id), { quotes: all });
    const answer = await book([fits!, tooLong!]);
    expect([answer.status, answer.body.code]).toEqual([422, 'plan_not_eligible']);
    expect(places(answer.body)).toEqual(['/quotes/1/instalment_plan']);
    const both = await book([{ ...fits, instalment_plan: 'never' }, tooLong!]);
    expect(places(both.body)).toEqual(['/quotes/0/instalment_plan', '/quotes/1/instalment_plan']);
    expect((await api.get(instalments(found.id))).status).toBe(404);
    expect((await book([fits!])).status).toBe(201);
  });

  it('422: a quote of another package', async () => {
    const [found, other] = [await partner.quoted(priced), await partner.quoted(priced)];
    const answer = await api.post<Problem>(booking(found.id), { quotes: [...chosen(found), ...chosen(other)] });
    expect([answer.status, answer.body.code, places(answer.body)]).toEqual([422, 'unknown_quote', ['/quotes/1/id']]);
  });

  it('400: a body that is none', async () => {
    const found = await partner.quoted(priced);
    const [one] = chosen(found);
    for (const [body, place] of [
      [{ quotes: [] }, '/quotes'],
      [{ quotes: [one, one] }, '/quotes'],
      [{ quotes: [{ ...one, id: 'UUID' }] }, '/quotes/0/id'],
      [{ quotes: [{ ...one, instalment_plan: 7 }] }, '/quotes/0/instalment_plan'],
      [{ quotes: [one], policyholder: 'Ada' }, '/policyholder'],
      [{ quotes: [one], surprise: 1 }, '/surprise'],
    ] as const) {
      const answer = await api.post<Problem>(booking(found.id), body);
      expect([answer.status, [...new Set(places(answer.body))]]).toEqual([400, [place]]);
    }
  });
});

describe('a partner', () => {
  it('404: sees nothing of another partner, of another tenant, or of what there is not', async () => {
    const { id } = await partner.booked(priced);
    const unbooked = await partner.quoted(priced);
    const rival = await billing.partnerApi(tenantId, 'RIVAL');
    const stranger = await billing.partnerApi(newId(), 'ACME');
    const client = await billing.api(tenantId);
    const body = { quotes: chosen(unbooked) };
    for (const [who, path] of [
      [rival, '/x/partners/RIVAL'],
      [rival, '/x/partners/ACME'],
      [stranger, '/x/partners/ACME'],
      [client, '/x/partners/ACME'],
    ] as const) {
      expect((await who.get(`${path}/bookings/${id}/instalments`)).status).toBe(404);
      expect((await who.post(`${path}/bookings/${unbooked.id}`, body)).status).toBe(404);
    }
    for (const other of [newId(), 'INS-1', unbooked.id]) expect((await api.get(instalments(other))).status).toBe(404);
    expect((await api.post(booking(unbooked.id), body)).status).toBe(201);
  });

  it('401 without a token, 403 without the scope', async () => {
    const reader = await billing.partnerApi(tenantId, 'ACME', ['billing:read']);
    const writer = await billing.partnerApi(tenantId, 'ACME', ['billing:write']);
    expect((await reader.post(quotes, { currency: 'USD', quotes: [priced] })).status).toBe(403);
    expect((await writer.get(instalments(newId()))).status).toBe(403);
    const nobody = await fetch(`${billing.service.url}${quotes}`, { method: 'POST' });
    expect(nobody.status).toBe(401);
  });
});

describe('GET …/instalments/, 200', () => {
  it('S-04: has every field of the document, and its traps put right', async () => {
    const { body: euros } = await api.post<QuotePackageDto>(quotes, { currency: 'EUR', quotes: [ninety] });
    await api.post(booking(euros.id), { quotes: chosen(euros) });
    expect((await partner.confirm(euros.id, [attempt(await partner.nextOf(euros.id))])).status).toBe(200);
    const {
      quotes: [quote],
      currency,
    } = await partner.read(euros.id);
    expect(currency).toBe('EUR');
    expect(quote).toMatchObject({
      id: euros.quotes['0']?.id,
      // Trap 1: cover is paid for until the second period begins. Trap 2: the end of a period is its last day.
      paid_until: '2021-09-25T00:00:00.000Z',
      next_payment: {
        ...{ number: 2, quote: euros.quotes['0']?.id, status: 'UNPAID' },
        ...{ period_start_date: '2021-09-25T00:00:00.000Z', period_end_date: '2021-10-24T00:00:00.000Z' },
        // Trap 3: formatted in the currency of the amount. Trap 5: strings here, numbers below.
        tax: { taxes: [], total_amount_without_tax: '7.50', total_amount_without_tax_formatted: '€7.50' },
        ...{ surcharges: {}, payment_failures: null },
      },
      total_amount_paid: 7.5,
      total_amount_due: 82.5,
    });
    expect(quote?.payment_schedule.map(({ number, status }) => `${number} ${status}`)).toEqual(
      Array.from({ length: 12 }, (_, n) => `${n + 1} ${n === 0 ? 'PAID' : 'UNPAID'}`),
    );
  });

  it('S-08: gives tax and premium of each instalment, in rows that add up', async () => {
    const { id } = await partner.booked(priced);
    const {
      quotes: [quote],
    } = await partner.read(id);
    const rows = quote?.payment_schedule.map(({ amount, tax }) => [
      amount,
      tax.total_tax,
      tax.total_amount_without_tax,
    ]);
    expect(rows?.slice(0, 3)).toEqual([
      [25.67, '2.33', '23.34'],
      [25.67, '2.34', '23.33'],
      [25.67, '2.33', '23.34'],
    ]);
    expect(rows?.map(([amount]) => amount)).toEqual([...Array<number>(8).fill(25.67), ...Array<number>(4).fill(25.66)]);
    expect([quote?.total_amount_paid, quote?.total_amount_due, quote?.paid_until]).toEqual([0, 308, null]);
  });
});
