import { randomUUID } from 'node:crypto';
import { eventually } from '@quittance/testing/eventually';
import { policyBody } from '../../../tools/demo/first-month.ts';
import { handIn } from './bank-files.ts';
import { apiOf, asAdministrator, stack } from './stack.ts';

const tenant = stack.bookkeeper;
const api = apiOf(tenant);
const patient = { timeoutMs: 30_000 };

interface Trail {
  state: string;
  payment: { locator: string; amount: string; reference: string; effectiveDate: string };
  settlementItems: { deposits: { id: string }[] }[];
  exceptions: { type: string; state: string }[];
}
const cents = (amount: string) => Math.round(Number(amount) * 100);
const text = (minor: number) => (minor / 100).toFixed(2);
const after = (date: string, days: number) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
const trailOf = async (locator: string) => {
  const { status, body } = await api.get<Trail>(`/payments/${locator}/trail`);
  return status === 200 ? body : undefined;
};

/** What a processor paid out: a payout for each day, with its charges and a fee for each. */
function payoutsOf(trails: readonly Trail[]) {
  return [...Map.groupBy(trails, ({ payment }) => payment.effectiveDate)].map(([day, of], n) => {
    const id = `po_${randomUUID().replaceAll('-', '')}${n}`;
    return { id, arrivesOn: after(day, 2), charges: of.map(({ payment }) => payment), net: 0 };
  });
}

const FEE = 30;
const COLUMNS =
  'balance_transaction_id,created_utc,reporting_category,gross,fee,net,currency,source_id,automatic_payout_id,' +
  'automatic_payout_effective_at';

function reportOf(payouts: ReturnType<typeof payoutsOf>): string {
  const rows = payouts.flatMap((payout) => {
    const { id, arrivesOn, charges } = payout;
    payout.net = charges.reduce((sum, { amount }) => sum + cents(amount) - FEE, 0);
    return [
      ...charges.map(({ reference, amount, effectiveDate: on }) => {
        const net = text(cents(amount) - FEE);
        return `txn_${reference},${on},charge,${amount},${text(FEE)},${net},usd,${reference},${id},${arrivesOn}`;
      }),
      `txn_${id},${arrivesOn},payout,-${text(payout.net)},0,-${text(payout.net)},usd,${id},,${arrivesOn}`,
    ];
  });
  return [COLUMNS, ...rows].join('\n');
}

function statementOf(payouts: ReturnType<typeof payoutsOf>): string {
  const short = (date: string) => date.slice(2).replaceAll('-', '');
  const comma = (minor: number) => text(minor).replace('.', ',');
  const inOrder = payouts.toSorted((a, b) => a.arrivesOn.localeCompare(b.arrivesOn));
  const [first, last] = [inOrder[0]!.arrivesOn, inOrder.at(-1)!.arrivesOn];
  const lines = inOrder.flatMap(({ id, arrivesOn, net }, n) => [
    `:61:${short(arrivesOn)}${short(arrivesOn).slice(2)}C${comma(net)}NTRFNONREF//B${n}`,
    `:86:PAYOUT ${id}`,
  ]);
  const total = payouts.reduce((sum, { net }) => sum + net, 0);
  const opening = [':20:S', ':25:100', ':28C:1/1', `:60F:C${short(first)}USD0,`];
  return [...opening, ...lines, `:62F:C${short(last)}USD${comma(total)}`, '-', ''].join('\r\n');
}

/** What stands on the accounts, in cents. */
async function balances() {
  const { body } = await api.get('/trial-balance');
  const usd = body['USD'] as { total: string; accounts: { code: string; balance: string }[] };
  const of = (code: string) => cents(usd.accounts.find((account) => account.code === code)?.balance ?? '0');
  return { total: usd.total, of };
}

it('a month ends with every posted payment in one deposit or one open exception, and the books balance', async () => {
  const { body: clock } = await api.get<{ businessDate: string }>('/test-clocks');
  const start = clock['businessDate'];
  await api.post('/test-clocks/advance', { to: start });
  const policies: string[] = [];
  for (const token of ['tok_visa', 'tok_visa', 'tok_visa', 'tok_ach']) {
    const policyholderLocator = `PH-${randomUUID()}`;
    const method = await api.post<{ id: string }>('/payment-methods', { token, policyholderLocator });
    const body = policyBody(policyholderLocator, start, method.body.id);
    policies.push((await api.post<{ locator: string }>('/policies', body)).body.locator);
  }
  await api.post('/test-clocks/advance', { days: 35 });
  const posted = await eventually(async () => {
    const pages = await Promise.all(
      policies.map((locator) =>
        api.get<{ payments: { locator: string; state: string }[] }>(`/payments?policyLocator=${locator}`),
      ),
    );
    const found = pages.flatMap(({ body }) => body['payments'] as { locator: string; state: string }[]);
    return found.length === 8 && found.every(({ state }) => state === 'posted') ? found : undefined;
  }, patient);
  const trails = await Promise.all(posted.map(({ locator }) => eventually(() => trailOf(locator), patient)));
  const [forgotten, ...reported] = trails;
  const payouts = payoutsOf(reported);
  await handIn(api, reportOf(payouts));
  await handIn(api, statementOf(payouts));
  await eventually(async () => {
    const states = await Promise.all(reported.map(async ({ payment }) => (await trailOf(payment.locator))?.state));
    return states.every((state) => state === 'in_bank');
  }, patient);
  await api.post('/test-clocks/advance', { days: 12 });
  const ends = await Promise.all(trails.map(({ payment }) => trailOf(payment.locator)));
  const places = ends.map((trail) => {
    const deposits = trail!.settlementItems.flatMap((item) => item.deposits);
    return deposits.length + trail!.exceptions.filter(({ state }) => state === 'open').length;
  });
  expect(places).toEqual(trails.map(() => 1));
  expect(ends[0]!.exceptions).toMatchObject([{ type: 'payment_not_settled', state: 'open' }]);
  // What the bank has shown is booked a moment after it was matched.
  const { total, of } = await eventually(async () => {
    const books = await balances();
    return books.of('1150') === 0 ? books : undefined;
  }, patient);
  expect(total).toBe('0.00');
  // Nothing waits in clearing but what no report has shown; all else is at the bank, less fees.
  expect(of('1100') + of('1110')).toBe(cents(forgotten!.payment.amount));
  expect(of('1020')).toBe(payouts.reduce((sum, { net }) => sum + net, 0));
  expect(of('5110')).toBe(reported.length * FEE);
  await eventually(async () => {
    const { rows } = await asAdministrator((client) =>
      client.query<{ id: string }>(
        `SELECT id FROM payments.payments WHERE settlement = 'settled' AND id = ANY ($1::uuid[])`,
        [trails.map(({ payment }) => payment.locator)],
      ),
    );
    return rows.length === reported.length;
  }, patient);
}, 120_000);
