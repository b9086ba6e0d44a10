import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { nachaFile, returnAddendum, changeAddendum } from '../nacha/nacha-writer.fixture.ts';
import type { WrittenEntry } from '../nacha/nacha-writer.fixture.ts';
import { FORMAT_READERS } from '../files/readers.ts';
import type { FormatReader } from '../files/format-reader.ts';
import { inShort, said, startReconciliation, usd } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { BookSettlementsWorker } from './book-settlements.worker.ts';
import { TellOverdueWorker } from './tell-overdue.worker.ts';

let recon: Reconciliation;
beforeAll(async () => {
  recon = await startReconciliation();
});
afterAll(() => recon.stop());

/** Takes a file in as the intake does: by the first reader that knows it, in one transaction of its tenant. */
async function take(tenantId: string, content: Buffer | string) {
  const { app } = recon.service;
  const bytes = Buffer.from(content);
  const reader = app.get<FormatReader[]>(FORMAT_READERS).find((each) => each.detects(bytes.subarray(0, 4_096)));
  const file = { tenantId, id: newId(), bytes, receivedAt: new Date() };
  return app.get(Database).withTenant(tenantId, (tx) => reader!.store(tx, file)) as Promise<any>;
}
interface Posted {
  method?: 'card' | 'ach';
  cents: number;
  ref?: string;
  displayId?: string;
  on?: string;
}
async function post(tenantId: string, { method = 'card', cents, ref, displayId = 'P-1', on = '2025-01-02' }: Posted) {
  const locator = newId();
  const data = {
    locator,
    method,
    displayId,
    amount: usd(cents),
    effectiveDate: on,
    ...(ref ? { providerRef: ref } : {}),
  };
  await recon.publish(said('payment.posted', { tenantId, subject: locator, data }));
  await eventually(async () => (await get(tenantId, `/payments/${locator}/trail`)).status === 200);
  return locator;
}
const get = async (tenantId: string, path: string) => (await recon.api(tenantId)).get<any>(path);
const exceptionsOf = async (tenantId: string) =>
  (
    await recon.sql<{ type: string; state: string }>(
      'SELECT type, state FROM exceptions WHERE tenant_id = $1 ORDER BY type, state',
      [tenantId],
    )
  ).map(({ type, state }) => `${type} ${state}`);
const balances = async (tenantId: string): Promise<Record<string, string>> => {
  const { body } = await get(tenantId, '/trial-balance');
  return Object.fromEntries(body.USD.accounts.map(({ code, balance }: Record<string, string>) => [code, balance]));
};
const kick = (worker: typeof BookSettlementsWorker | typeof TellOverdueWorker) =>
  recon.service.app.get<BookSettlementsWorker | TellOverdueWorker>(worker).kick();

const columns =
  'balance_transaction_id,created_utc,reporting_category,gross,fee,net,currency,payment_intent_id,source_id,' +
  'automatic_payout_id,automatic_payout_effective_at';
/** S-107 as a processor reports it. */
const report = (tag: string, payout = '-920.10') =>
  [
    columns,
    `txn_${tag}1,2025-01-02,charge,100.00,3.20,96.80,usd,pi_${tag}1,ch_${tag}1,po_${tag},2025-01-06`,
    `txn_${tag}2,2025-01-02,charge,200.00,6.10,193.90,usd,pi_${tag}2,ch_${tag}2,po_${tag},2025-01-06`,
    `txn_${tag}3,2025-01-02,charge,700.00,20.60,679.40,usd,pi_${tag}3,ch_${tag}3,po_${tag},2025-01-06`,
    `txn_${tag}4,2025-01-03,refund,-50.00,0.00,-50.00,usd,pi_${tag}3,re_${tag},po_${tag},2025-01-06`,
    ...(payout === '' ? [] : [`txn_${tag}5,2025-01-06,payout,${payout},0.00,${payout},usd,,po_${tag},,2025-01-06`]),
  ].join('\n');
async function paid(tenantId: string, tag: string) {
  const locators = [];
  for (const [n, cents] of [10_000, 20_000, 70_000].entries()) {
    locators.push(await post(tenantId, { cents, ref: `pi_${tag}${n + 1}` }));
  }
  const refundId = newId();
  const refund = { refundId, paymentLocator: locators[2]!, amount: usd(5_000), providerRef: `re_${tag}` };
  await recon.publish(said('refund.succeeded', { tenantId, subject: refundId, data: refund }));
  await recon.booked(tenantId, 4);
  return locators;
}

describe('a payout', () => {
  const tenantId = newId();
  let locators: string[];
  let answer: any;
  beforeAll(async () => {
    locators = await paid(tenantId, 'a');
    answer = await take(tenantId, report('a'));
  });

  it('S-107: is what its charges come to, less fees and refunds', async () => {
    expect(answer).toMatchObject({ lines: 5, exceptions: [], batches: [{ state: 'balanced', net: '920.10' }] });
    const { body } = await get(tenantId, '/settlement-batches?payoutReference=po_a&state=balanced');
    expect(body.items).toEqual([
      expect.objectContaining({
        ...{
          id: answer.batches[0].id,
          processor: 'stripe',
          payoutReference: 'po_a',
          kind: 'automatic',
          items: 4,
          inBank: false,
        },
        ...{ gross: '1000.00', fees: '29.90', refunds: '50.00', disputes: '0.00', other: '0.00', net: '920.10' },
        ...{ offBy: '0.00', arrivalDate: '2025-01-06', currency: 'USD', state: 'balanced' },
      }),
    ]);
    const [event] = await recon.eventsOf(answer.batches[0].id);
    expect(event).toMatchObject({ type: 'settlement_batch.balanced', data: { payoutId: 'po_a', net: usd(92_010) } });
  });

  it('leaves nothing in the clearing account', async () => {
    const entries = await recon.booked(tenantId, 6);
    const ours = entries.filter(({ source }) => source.id === answer.batches[0].id);
    expect(ours.map((entry) => [entry.kind, entry.effectiveDate, ...inShort(entry)])).toEqual([
      ['payout_created', '2025-01-06', '1150 920.10 0.00', '1100 0.00 920.10'],
      [...['processor_fees', '2025-01-06', '5110 3.20 0.00', '1100 0.00 3.20', '5110 6.10 0.00'], ...[]]
        .slice(0, 2)
        .concat(['5110 29.90 0.00', '1100 0.00 29.90']),
    ]);
    expect(await balances(tenantId)).toMatchObject({ 1100: '0.00', 1150: '920.10', 5110: '29.90' });
  });

  it('read again changes nothing', async () => {
    const again = await take(tenantId, `${report('a')}\n`);
    expect(again.batches).toEqual(answer.batches);
    kick(BookSettlementsWorker);
    const { body } = await get(tenantId, `/settlement-batches/${answer.batches[0].id}/items`);
    expect(body.items.map(({ category, paymentLocator }: any) => [category, paymentLocator])).toEqual([
      ...locators.map((locator) => ['charge', locator]),
      ['refund', locators[2]],
    ]);
    expect(await recon.eventsOf(answer.batches[0].id)).toHaveLength(1);
    expect(await exceptionsOf(tenantId)).toEqual([]);
  });

  it('has a page for each of its lines', async () => {
    const path = `/settlement-batches/${answer.batches[0].id}/items`;
    const first = (await get(tenantId, `${path}?limit=3`)).body;
    const second = (await get(tenantId, `${path}?limit=3&cursor=${first.nextCursor}`)).body;
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([3, 1, null]);
  });

  it('is seen at the bank when it is matched, and not any more when that is undone', async () => {
    const trail = async () => (await get(tenantId, `/payments/${locators[0]}/trail`)).body;
    expect(await trail()).toMatchObject({
      state: 'paid_out',
      payment: { locator: locators[0], amount: '100.00', reference: 'pi_a1', settleBy: '2025-01-09' },
      settlementItems: [{ transactionId: 'txn_a1', fee: '3.20', batch: { payoutReference: 'po_a' }, deposits: [] }],
    });
    const statement = ['po_a', ':61:2501060106C920,10NTRFNONREF//B1', ':86:STRIPE PAYOUT po_aa1234'];
    const mt940 = [
      ':20:S',
      ':25:4711',
      ':28C:1/1',
      ':60F:C250105USD0,',
      ...statement.slice(1),
      ':62F:C250106USD920,10',
    ];
    await take(tenantId, [...mt940, '-', ''].join('\r\n'));
    const api = await recon.api(tenantId, ['recon:read', 'recon:write']);
    const side = async (which: string) =>
      (await api.get<any>(`/recon-items?set=settlement_batch_deposit&side=${which}`)).body.items[0].id;
    for (const [transit, bank, count] of [
      ['0.00', '920.10', 7],
      ['0.00', '920.10', 9],
    ] as const) {
      const match = await api.post<any>('/matches', { items: [await side('A'), await side('B')] });
      kick(BookSettlementsWorker);
      await recon.booked(tenantId, count);
      expect(await balances(tenantId)).toMatchObject({ 1150: transit, 1020: bank });
      if (count === 9) break;
      await api.post(`/matches/${match.body.id}/unmatch`, { reason: 'By mistake' });
      kick(BookSettlementsWorker);
      await recon.booked(tenantId, 8);
      expect(await balances(tenantId)).toMatchObject({ 1150: '920.10', 1020: '0.00' });
    }
    expect(await trail()).toMatchObject({
      settlementItems: [{ deposits: [{ amount: '920.10', match: { rule: 'manual' } }] }],
    });
    expect((await trail()).state).toBe('in_bank');
  });
});

describe('a payout that does not add up', () => {
  const tenantId = newId();

  it('S-108: is an exception of what is missing, and unbooked until a report puts it right', async () => {
    await paid(tenantId, 'b');
    const answer = await take(tenantId, report('b', '-920.00'));
    expect(answer).toMatchObject({ batches: [{ state: 'unbalanced' }], exceptions: [{ type: 'payout_unbalanced' }] });
    const [found] = await recon.sql<object>('SELECT amount_minor, detail FROM exceptions WHERE tenant_id = $1', [
      tenantId,
    ]);
    const detail = 'The lines of payout po_b are 0.10 USD over the 920.00 that were paid out.';
    expect(found).toEqual({ amount_minor: '10', detail });
    const [row] = report('b', '-920.10').split('\n').slice(-1);
    await take(tenantId, `${columns}\n${row}`);
    expect(await exceptionsOf(tenantId)).toEqual(['payout_unbalanced auto_closed']);
    await recon.booked(tenantId, 6);
    const events = await recon.eventsOf(answer.batches[0].id);
    expect(events.map(({ type, sequence }) => [type, Number(sequence)])).toEqual([
      ['settlement_batch.unbalanced', 1],
      ['settlement_batch.balanced', 2],
    ]);
  });
});

it('knows a line whose payment comes later, and asks for one that never comes', async () => {
  const tenantId = newId();
  const answer = await take(tenantId, report('c'));
  expect(answer.exceptions).toHaveLength(4);
  const locator = await post(tenantId, { cents: 10_000, ref: 'pi_c1' });
  expect((await get(tenantId, `/payments/${locator}/trail`)).body).toMatchObject({
    state: 'paid_out',
    exceptions: [{ type: 'settlement_item_unknown', state: 'auto_closed' }],
  });
  expect(await exceptionsOf(tenantId)).toEqual([
    'settlement_item_unknown auto_closed',
    ...Array.from({ length: 3 }, () => 'settlement_item_unknown open'),
  ]);
});

it('gives a manual payout what is on the balance, and finds one that took more', async () => {
  const tenantId = newId();
  await post(tenantId, { cents: 10_000, ref: 'pi_m1' });
  const line = (id: string, day: string, category: string, net: string, name: string) =>
    `${id},2025-01-${day},${category},${net},0.00,${net},usd,${name},,,2025-01-${day}`;
  const payout = (id: string, day: string, net: string) =>
    `${id},2025-01-${day},payout,${net},0.00,${net},usd,,po_${id},,2025-01-${day}`;
  const first = await take(
    tenantId,
    [columns, line('m1', '02', 'charge', '100.00', 'pi_m1'), payout('m2', '03', '-70.00')].join('\n'),
  );
  expect(first.batches).toMatchObject([{ state: 'balanced', net: '70.00' }]);
  const { batches } = await take(
    tenantId,
    [columns, payout('m3', '04', '-30.00'), payout('m4', '05', '-0.01')].join('\n'),
  );
  expect(batches.map(({ state }: { state: string }) => state)).toEqual(['balanced', 'unbalanced']);
  expect(await exceptionsOf(tenantId)).toEqual(['payout_unbalanced open']);
});

it('tells of money that is late once, and takes it back when it comes', async () => {
  const tenantId = newId();
  // What another worker holds locked it leaves for its next look.
  const told = (worker: Parameters<typeof kick>[0], expected: string[]) =>
    eventually(async () => {
      kick(worker);
      expect(await exceptionsOf(tenantId)).toEqual(expected);
      return true;
    });
  const late = await post(tenantId, { cents: 10_000, ref: 'pi_d1' });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await post(tenantId, { cents: 10_000, ref: 'pi_d9', on: tomorrow });
  const undone = await post(tenantId, { cents: 500, ref: 'pi_d8' });
  await told(TellOverdueWorker, ['payment_not_settled open', 'payment_not_settled open']);
  await recon.publish(
    said('payment.reversed', { tenantId, subject: undone, sequence: 2, data: { locator: undone, amount: usd(500) } }),
  );
  await take(tenantId, [columns, `txn_d1,2025-01-02,charge,100.00,3.20,96.80,usd,pi_d1,,po_d,2025-01-06`].join('\n'));
  const settled = ['payment_not_settled auto_closed', 'payment_not_settled auto_closed'];
  await told(TellOverdueWorker, [...settled, 'payout_not_in_bank open']);
  await recon.sql(
    `UPDATE items SET state = 'matched', match_id = gen_random_uuid() WHERE tenant_id = $1 AND side = 'A'`,
    [tenantId],
  );
  await told(BookSettlementsWorker, [...settled, 'payout_not_in_bank auto_closed']);
  expect((await get(tenantId, `/payments/${late}/trail`)).body.state).toBe('in_bank');
});

describe('an ACH file', () => {
  const trace = (n: number) => `09100001${String(n).padStart(7, '0')}`;
  const back = (n: number, code: string, cents = 2_567, rest: Partial<WrittenEntry> = {}): WrittenEntry => ({
    ...{ cents, trace: trace(900 + n), addenda: [returnAddendum(code, trace(n))], ...rest },
  });
  const returnsOf = async (tenantId: string) =>
    (await get(tenantId, '/returns')).body.items.map(({ code, kind, paymentLocator }: any) => [
      code,
      kind,
      paymentLocator,
    ]);
  const eventsOf = async (answer: any, n: number) =>
    (await recon.eventsOf(answer.returns[n].id)).map(({ type }) => type);

  it('is read into returns that say which payment came back, once in however many files', async () => {
    const tenantId = newId();
    const [one, two] = [
      await post(tenantId, { method: 'ach', cents: 2_567, ref: trace(1) }),
      await post(tenantId, { method: 'ach', cents: 2_567, displayId: 'P-01HX2-3ABCD-9KLMN' }),
    ];
    const entries = [back(1, 'R01'), back(2, 'R10', 2_567, { identification: '01HX23ABCD9KLMN' })];
    const answer = await take(tenantId, nachaFile([{ entries }]));
    expect(answer).toMatchObject({
      lines: 2,
      exceptions: [],
      returns: [{ paymentLocator: one }, { paymentLocator: two }],
    });
    expect(await recon.eventsOf(answer.returns[0].id)).toMatchObject([
      {
        type: 'return.detected',
        data: {
          paymentLocator: one,
          code: 'R01',
          family: 'retryable',
          amount: usd(2_567),
          effectiveDate: '2025-01-06',
        },
      },
    ]);
    const again = await take(tenantId, nachaFile([{ entries }, { entries: [back(1, 'R01')] }]));
    expect(again).toMatchObject({ returns: [], exceptions: [] });
    expect(await returnsOf(tenantId)).toEqual([
      ['R10', 'returned', two],
      ['R01', 'returned', one],
    ]);
    const trail = (await get(tenantId, `/payments/${one}/trail`)).body;
    expect(trail.returns).toMatchObject([{ code: 'R01', direction: 'debit', amount: '25.67' }]);
    expect((await get(tenantId, `/returns?paymentLocator=${two}`)).body.items).toHaveLength(1);
  });

  it('asks for what it cannot place, and says it once the payment is known', async () => {
    const tenantId = newId();
    const answer = await take(tenantId, nachaFile([{ entries: [back(7, 'R01'), back(8, 'R97'), back(9, 'R45', 0)] }]));
    expect(answer.exceptions.map(({ type }: { type: string }) => type).sort()).toEqual([
      ...['return_unmatched', 'return_unmatched', 'unknown_return_code'],
    ]);
    expect(await eventsOf(answer, 0)).toEqual([]);
    const locator = await post(tenantId, { method: 'ach', cents: 2_567, ref: trace(7) });
    expect(await eventsOf(answer, 0)).toEqual(['return.detected']);
    expect(await exceptionsOf(tenantId)).toEqual([
      ...['return_unmatched auto_closed', 'return_unmatched open', 'unknown_return_code open'],
    ]);
    expect((await returnsOf(tenantId)).at(-1)).toEqual(['R01', 'returned', locator]);
  });

  it('tells a refused return and a contested one from a new one, and a change from all of them', async () => {
    const tenantId = newId();
    const locator = await post(tenantId, { method: 'ach', cents: 2_567, ref: trace(1) });
    const change = { code: '21', cents: 0, trace: trace(3), addenda: [changeAddendum('C01', trace(1))] };
    const answer = await take(tenantId, nachaFile([{ entries: [back(1, 'R61'), back(1, 'R71'), change] }]));
    expect([await eventsOf(answer, 0), await eventsOf(answer, 1), await eventsOf(answer, 2)]).toEqual([
      ...[['return.dishonoured'], ['return.contested'], ['notice_of_change.received']],
    ]);
    const [notice] = await recon.eventsOf(answer.returns[2].id);
    expect(notice?.data).toMatchObject({ code: 'C01', paymentLocator: locator });
  });

  it('gives its batches to be matched with the bank: returns take money away', async () => {
    const tenantId = newId();
    await take(
      tenantId,
      nachaFile([{ entries: [{ code: '27', cents: 5_000, trace: trace(1) }] }, { entries: [back(1, 'R01', 5_000)] }]),
    );
    const items = () =>
      recon.sql<any>(`SELECT * FROM items WHERE tenant_id = $1 AND set_name = 'ach_batch_deposit' ORDER BY id`, [
        tenantId,
      ]);
    expect((await items()).map(({ amount_minor, reference }) => [amount_minor, reference])).toEqual([
      ['5000', '1234567890'],
      ['-5000', '1234567890'],
    ]);
    await recon.sql(`UPDATE items SET state = 'matched', match_id = gen_random_uuid() WHERE id = $1`, [
      (await items())[1].id,
    ]);
    kick(BookSettlementsWorker);
    const [entry] = await recon.booked(tenantId, 1);
    expect(inShort(entry!)).toEqual(['1020 0.00 50.00', '1110 50.00 0.00']);
  });

  it('that cannot be read stores nothing', async () => {
    const tenantId = newId();
    const broken = nachaFile([{ entries: [back(1, 'R01')] }])
      .toString()
      .replace('0000002567', '000000256X');
    await expect(take(tenantId, broken)).rejects.toMatchObject({ code: 'file_unreadable' });
    expect(await returnsOf(tenantId)).toEqual([]);
  });
});

it("shows nothing of another tenant's", async () => {
  const [tenantId, other] = [newId(), newId()];
  const locator = await post(tenantId, { cents: 10_000, ref: 'pi_x1' });
  const { batches } = await take(tenantId, report('x'));
  const paths = [
    `/payments/${locator}/trail`,
    `/settlement-batches/${batches[0].id}`,
    `/settlement-batches/${batches[0].id}/items`,
  ];
  for (const path of [...paths, '/payments/nonsense/trail']) {
    expect(await get(other, path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  }
  expect((await get(other, '/settlement-batches')).body).toEqual({ items: [], nextCursor: null });
  const bad = await get(other, '/settlement-batches?state=lost&limit=0');
  expect([bad.status, bad.body.errors.map(({ parameter }: any) => parameter).sort()]).toEqual([
    400,
    ['limit', 'state'],
  ]);
});
