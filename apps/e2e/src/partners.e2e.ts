import { randomUUID } from 'node:crypto';
import { signedHeaders, STRICT } from '@quittance/testing/partner-api';
import { operations } from './operations.ts';
import type { Operation } from './operations.ts';
import { bearer, issuedToken } from './outsiders.ts';
import { apiOf, partnerApiOf, pathOf, stack } from './stack.ts';
import type { Tenant } from './stack.ts';

/** A client written against the printed instalments API: headers, slashes and bodies as they stand there. */
type Json = Record<string, any>;

const { demo, second, powerless, info } = stack;
/** A partner of the same tenant as that of `demo`, and one of another tenant. */
const others = [powerless, second];
const signed = (await operations()).filter(({ isSigned }) => isSigned);

const printedBooking = { quotes: [{ id: 'UUID', instalment_plan: '1year-monthly' }], policyholder: { name: '...' } };
const printedConfirmation = {
  quotes: [
    {
      id: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
      instalment_id: '286b1dc2-e2f0-40ea-bc39-079ef019b7d0',
      instalment_number: 0,
      payment_attempted_date: '2019-08-24T14:15:22Z',
      payment_status: 'PAID',
      payment_failures: {},
    },
  ],
};

const root = ({ partnerId }: Tenant) => `/x/partners/${partnerId}`;
const instalmentsOf = (tenant: Tenant, id: string) => `${root(tenant)}/bookings/${id}/instalments/`;
const term = { policy_start_date: '2021-08-25T02:47:12Z', policy_end_date: '2022-08-25T02:47:12Z' };

async function book(tenant: Tenant, currency: string, price: object) {
  const api = partnerApiOf(tenant);
  const quotes = [{ ...term, ...price }];
  const quoted = await api.post<Json>(`${root(tenant)}/quotes/`, { currency, quotes });
  expect(quoted.status).toBe(201);
  const { id, quotes: found } = quoted.body;
  const body = { ...printedBooking, quotes: [{ ...printedBooking.quotes[0], id: found['0'].id as string }] };
  const booked = await api.post<Json>(`${root(tenant)}/bookings/${id}/`, body);
  expect(booked).toMatchObject({ status: 201, body: { id, status: 'CONFIRMED', currency } });
  return { id: id as string, quote: found['0'] as Json, booking: booked.body };
}

const read = async (tenant: Tenant, id: string) =>
  (await partnerApiOf(tenant).get<Json>(instalmentsOf(tenant, id))).body;

const confirmation = ({ next_payment: next, id }: Json, said: object = {}) => ({
  quotes: [{ ...printedConfirmation.quotes[0], id, instalment_id: next.id, instalment_number: next.number, ...said }],
});

describe('the printed document', () => {
  it('S-01: quotes 308.00 with 25.67 first, books it by the name of the plan, and pays the year', async () => {
    const { id, quote } = await book(demo, 'USD', { premium: 308.0 });
    expect(quote['instalment_plans']).toContainEqual({
      ...{ name: '1year-monthly', label: '1Year-Monthly', amount: 308.0, first_instalment_amount: 25.67 },
    });
    for (let number = 1; number <= 12; number++) {
      const [left] = (await read(demo, id))['quotes'];
      const answer = await partnerApiOf(demo).post<Json>(instalmentsOf(demo, id), confirmation(left));
      expect([number, answer.status]).toEqual([number, 200]);
    }
    expect((await read(demo, id))['quotes'][0]).toMatchObject({
      ...{ next_payment: null, total_amount_paid: 308, total_amount_due: 0 },
      paid_until: '2022-08-25T00:00:00.000Z',
    });
  });

  it('S-04: 90.00 in twelve: 7.50 paid, 82.50 due, in euros with a euro sign', async () => {
    const { id } = await book(second, 'EUR', { premium: 90 });
    const [before] = (await read(second, id))['quotes'];
    expect(before).toMatchObject({ paid_until: null, total_amount_paid: 0, total_amount_due: 90 });
    const api = partnerApiOf(second);
    const failed = { payment_status: 'FAILED', payment_failures: { reason: 'insufficient_funds' } };
    const refused = await api.post<Json>(instalmentsOf(second, id), confirmation(before, failed));
    expect(refused).toMatchObject({ status: 200, body: { quotes: [{ total_amount_due: 90 }] } });
    expect(refused.body['quotes'][0].next_payment.payment_failures).toEqual(failed.payment_failures);

    const paid = await api.post<Json>(instalmentsOf(second, id), confirmation(before));
    expect(paid.status).toBe(200);
    expect(paid.body).toEqual(await read(second, id));
    const [after] = paid.body['quotes'];
    expect(after).toMatchObject({ total_amount_paid: 7.5, total_amount_due: 82.5 });
    expect(after).toMatchObject({
      paid_until: '2021-09-25T00:00:00.000Z',
      next_payment: {
        ...{ number: 2, quote: after.id, status: 'UNPAID', surcharges: {}, payment_failures: null },
        ...{ period_start_date: '2021-09-25T00:00:00.000Z', period_end_date: '2021-10-24T00:00:00.000Z' },
        tax: { taxes: [], total_amount_without_tax: '7.50', total_amount_without_tax_formatted: '€7.50' },
      },
    });
  });

  it('refuses the confirmation as it is printed: its ids are nobody’s, and numbers count from 1', async () => {
    const { id } = await book(demo, 'USD', { premium: 90 });
    const path = instalmentsOf(demo, id);
    const printed = await partnerApiOf(demo).post<Json>(path, printedConfirmation);
    expect([printed.status, printed.body['code']]).toEqual([422, 'unknown_instalment']);
    const [left] = (await read(demo, id))['quotes'];
    const zero = await partnerApiOf(demo).post<Json>(path, confirmation(left, { instalment_number: 0 }));
    expect(zero.body).toMatchObject({ status: 422, errors: [{ pointer: '/quotes/0/instalment_number' }] });
    await partnerApiOf(demo).post(path, confirmation(left));
    const again = await partnerApiOf(demo).post<Json>(path, confirmation(left));
    expect([again.status, again.body['code']]).toEqual([409, 'instalment_not_next']);
  });

  it('makes a policy that the tenant sees as its own, paid by the partner', async () => {
    const { booking } = await book(demo, 'USD', { premium: 280, tax: { taxes: [{ code: 'IPT', amount: 28 }] } });
    const policy = await apiOf(demo).get<Json>(`/policies/${booking['quotes'][0].policy_locator}`);
    expect(policy).toMatchObject({ status: 200, body: { collection: 'partner', timeZone: 'UTC' } });
    const schedule = await apiOf(demo).get<Json>(`/schedules/${policy.body['scheduleId']}`);
    expect(schedule.body['instalments'][0].amount).toBe('25.67');
  });
});

describe.each(signed.map((operation) => [operation.name, operation] as const))('%s', (_name, operation) => {
  const { method } = operation;
  const pathFor = (tenant: Tenant) => `${pathOf(operation.path, tenant, randomUUID())}/`;
  const url = `${info.gatewayUrl}${pathFor(demo)}`;
  const statusOf = async (headers: Record<string, string>) => {
    const answer = await fetch(url, { method, headers });
    return [answer.status, ((await answer.json()) as Json)['code']];
  };
  const unauthorized = [401, 'unauthorized'];

  it('takes a signature, of either profile', async () => {
    for (const headers of [['date'], STRICT]) {
      const { status } = await partnerApiOf(demo, { headers }).send(method, pathFor(demo));
      // Without a body, or about what there is not: but let in.
      expect([400, 404]).toContain(status);
    }
  });

  it('takes nothing else', async () => {
    const { clientId, clientSecret } = demo;
    const clock = { date: new Date(Date.now() - 400_000).toUTCString() };
    expect(await statusOf({})).toEqual(unauthorized);
    expect(await statusOf({ 'x-client-id': clientId, 'x-client-secret': clientSecret })).toEqual(unauthorized);
    expect(await statusOf({ authorization: `Bearer ${await issuedToken(demo)}` })).toEqual(unauthorized);
    expect(await statusOf(signedHeaders({ ...demo, apiSecret: second.apiSecret }, { method, url }))).toEqual(
      unauthorized,
    );
    expect(await statusOf(signedHeaders(demo, { method, url }, clock))).toEqual(unauthorized);
    const inside = bearer(await issuedToken(demo), info.services['billing']);
    expect((await inside.send(method, pathFor(demo).slice(0, -1))).status).toBe(401);
  });

  it('is no path for another partner', async () => {
    for (const other of others) {
      const { status, body } = await partnerApiOf(other).send<Json>(method, pathFor(demo));
      expect([status, body['code']]).toEqual([404, 'not_found']);
    }
  });
});

describe("another partner's booking", () => {
  const bodies: Readonly<Record<string, unknown>> = {
    'POST /x/partners/{partner_id}/bookings/{quote_package_id}': { quotes: [{ id: randomUUID() }] },
    'POST /x/partners/{partner_id}/bookings/{quote_package_id}/instalments': printedConfirmation,
  };
  const withId = signed.filter(({ pathIds }) => pathIds.length > 1);

  it.each(withId.map((operation): [string, Operation] => [operation.name, operation]))(
    '%s answers as to one that does not exist',
    async (name, { method, path }) => {
      const { id } = await book(demo, 'USD', { premium: 90 });
      for (const other of others) {
        const ask = (about: string) =>
          partnerApiOf(other).send<Json>(method, pathOf(path, other, about), { body: bodies[name] });
        const unknown = randomUUID();
        const [theirs, nobodys] = [await ask(id), await ask(unknown)];
        const anonymous = ({ instance: _, ...body }: Json, about: string) =>
          JSON.stringify(body).replaceAll(about, '<id>');
        expect([theirs.status, theirs.body['code']]).toEqual([404, 'not_found']);
        expect(anonymous(theirs.body, id)).toBe(anonymous(nobodys.body, unknown));
      }
    },
  );
});
