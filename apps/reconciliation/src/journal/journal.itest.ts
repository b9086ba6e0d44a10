import { sampleOf } from '@quittance/events/catalogue';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { DeadLetterDesk } from '@quittance/service-kit/messaging/dead-letter-desk';
import { eventually } from '@quittance/testing/eventually';
import { InvariantRepository } from '../invariants/invariant.repository.ts';
import { inShort, said, startReconciliation, usd } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

/** The facts of one instalment, paid and undone: 25.67 as 23.34 of premium and 2.33 of tax. */
function story(tenantId = newId()) {
  const ids = { invoiceLocator: newId(), paymentLocator: newId(), batchId: newId(), undoneBatchId: newId() };
  const { invoiceLocator, paymentLocator, batchId, undoneBatchId } = ids;
  const policyLocator = newId();
  const payment = { locator: paymentLocator, policyLocator, invoiceLocator };
  const allocation = sampleOf('allocation.created').allocations[0]!;
  const allocations = [{ ...allocation, policyLocator, invoiceLocator }];
  return {
    ...{ ...ids, tenantId, policyLocator },
    issued: said('invoice.issued', { tenantId, subject: invoiceLocator, data: { invoiceLocator, policyLocator } }),
    posted: said('payment.posted', { tenantId, subject: paymentLocator, data: payment }),
    allocated: said('allocation.created', {
      ...{ tenantId, subject: batchId },
      data: { batchId, paymentLocator, allocations },
    }),
    unallocated: said('allocation.reversed', {
      ...{ tenantId, subject: undoneBatchId },
      data: { batchId: undoneBatchId, reverses: batchId, paymentLocator, allocations },
    }),
    reversed: said('payment.reversed', { tenantId, subject: paymentLocator, sequence: 2, data: payment }),
  };
}

interface Balance {
  accounts: { code: string; debit: string; credit: string; balance: string }[];
  total: string;
}
async function trialBalance(tenantId: string) {
  const { body } = await (await ledger.api(tenantId)).get<Record<string, Balance>>('/trial-balance');
  return body;
}
const inBalance = ({ accounts }: Balance) =>
  accounts.map(({ code, debit, credit, balance }) => `${code} ${debit} ${credit} ${balance}`);

describe('the story', () => {
  const { tenantId, policyLocator, invoiceLocator, paymentLocator, ...facts } = story();
  const touching = async (query: string) =>
    (await (await ledger.api(tenantId)).get<{ items: { kind: string }[] }>(`/journal-entries?${query}`)).body.items
      .map(({ kind }) => kind)
      .sort();

  it('books what is owed, what came in, and that one settles the other', async () => {
    await ledger.publish(facts.issued, facts.posted, facts.allocated);
    const entries = await ledger.booked(tenantId, 3);
    const byKind = new Map(entries.map((entry) => [entry.kind, entry]));
    expect(inShort(byKind.get('invoice_issued')!)).toEqual(['1200 25.67 0.00', '2010 0.00 23.34', '2300 0.00 2.33']);
    expect(inShort(byKind.get('payment_posted')!)).toEqual(['1100 25.67 0.00', '2100 0.00 25.67']);
    expect(inShort(byKind.get('allocation_created')!)).toEqual(['2100 25.67 0.00', '1200 0.00 25.67']);
    expect(byKind.get('invoice_issued')).toMatchObject({
      ...{ effectiveDate: '2025-01-01', source: { type: 'invoice', id: invoiceLocator } },
      lines: [1, 2, 3].map(() => ({ currency: 'USD', policyLocator, invoiceLocator })),
    });
    expect(byKind.get('payment_posted')).toMatchObject({
      ...{ effectiveDate: '2025-01-01', source: { type: 'payment', id: paymentLocator } },
      lines: [1, 2].map(() => ({ currency: 'USD', policyLocator, invoiceLocator, paymentLocator })),
    });
    expect(entries.filter(({ reverses }) => reverses !== undefined)).toEqual([]);
    const balance = await trialBalance(tenantId);
    expect(Object.keys(balance)).toEqual(['USD']);
    expect(balance['USD']?.total).toBe('0.00');
    expect(inBalance(balance['USD']!)).toEqual([
      '1100 25.67 0.00 25.67',
      '1200 25.67 25.67 0.00',
      '2010 0.00 23.34 -23.34',
      '2100 25.67 25.67 0.00',
      '2300 0.00 2.33 -2.33',
    ]);
  });

  it('says each entry once, by the fact that caused it', async () => {
    const [entry] = (await ledger.entries(tenantId)).filter(({ kind }) => kind === 'payment_posted');
    const events = await ledger.eventsOf(entry!.id);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      ...{ type: 'journal_entry.posted', tenantid: tenantId, sequence: '0000000001' },
      ...{ causationid: facts.posted.id, correlationid: facts.posted.correlationid, time: entry!.postedAt },
    });
    expect(events[0]!.data).toEqual({
      ...{ entryId: entry!.id, seq: entry!.seq, kind: 'payment_posted', effectiveDate: '2025-01-01' },
      source: { type: 'payment', id: paymentLocator },
      lines: [
        { account: '1100', debit: usd(2567), policyLocator, invoiceLocator, paymentLocator },
        { account: '2100', credit: usd(2567), policyLocator, invoiceLocator, paymentLocator },
      ],
    });
  });

  it('mirrors what is undone, on the date it was undone, and owes again what was owed', async () => {
    await ledger.publish(facts.reversed, facts.unallocated);
    const entries = await ledger.booked(tenantId, 5);
    const byKind = new Map(entries.map((entry) => [entry.kind, entry]));
    expect(byKind.get('payment_reversed')).toMatchObject({
      ...{ reverses: byKind.get('payment_posted')!.id, effectiveDate: '2025-01-06' },
      source: { type: 'payment', id: paymentLocator },
    });
    expect(byKind.get('allocation_reversed')).toMatchObject({
      ...{ reverses: byKind.get('allocation_created')!.id, effectiveDate: '2025-01-06' },
      source: { type: 'allocation', id: facts.undoneBatchId },
    });
    expect(inShort(byKind.get('payment_reversed')!)).toEqual(['1100 0.00 25.67', '2100 25.67 0.00']);
    expect(inShort(byKind.get('allocation_reversed')!)).toEqual(['2100 0.00 25.67', '1200 25.67 0.00']);
    const balance = await trialBalance(tenantId);
    expect(balance['USD']?.total).toBe('0.00');
    expect(inBalance(balance['USD']!)).toEqual([
      '1100 25.67 25.67 0.00',
      '1200 51.34 25.67 25.67',
      '2010 0.00 23.34 -23.34',
      '2100 51.34 51.34 0.00',
      '2300 0.00 2.33 -2.33',
    ]);
  });

  it('is found by its policy and by its payment', async () => {
    const ofPayment = ['allocation_created', 'allocation_reversed', 'payment_posted', 'payment_reversed'];
    expect(await touching(`paymentLocator=${paymentLocator}`)).toEqual(ofPayment);
    expect(await touching(`policyLocator=${policyLocator}`)).toEqual([...ofPayment, 'invoice_issued'].sort());
    expect(await touching(`policyLocator=${policyLocator}&paymentLocator=${paymentLocator}`)).toEqual(ofPayment);
    expect(await touching(`policyLocator=${policyLocator}&paymentLocator=${newId()}`)).toEqual([]);
  });
});

describe('the same fact again', () => {
  it('is booked once, by the same event, by another event, and after it was undone', async () => {
    const { tenantId, issued, posted, allocated, unallocated, reversed } = story();
    const again = (...events: (typeof issued)[]) => events.map((event) => ({ ...event, id: newId() }));
    await ledger.publish(issued, posted, allocated, issued, posted, allocated);
    await ledger.publish(...again(issued, posted, allocated), reversed, unallocated);
    await ledger.publish(reversed, unallocated, ...again(reversed, unallocated, posted, allocated));
    const after = story(tenantId);
    await ledger.publish(after.posted, after.issued);
    const entries = await eventually(async () => {
      const found = await ledger.entries(tenantId);
      const sources = found.map(({ source }) => source.id);
      expect(sources).toEqual(expect.arrayContaining([after.paymentLocator, after.invoiceLocator]));
      return found;
    });
    expect(entries.map(({ kind }) => kind).sort()).toEqual([
      'allocation_created',
      'allocation_reversed',
      'invoice_issued',
      'invoice_issued',
      'payment_posted',
      'payment_posted',
      'payment_reversed',
    ]);
    const [row] = await ledger.sql<{ said: number }>(
      `SELECT count(*)::int AS said FROM event_log WHERE tenant_id = $1`,
      [tenantId],
    );
    expect(row).toEqual({ said: 7 });
  });

  it('is one fact for each tenant', async () => {
    const [one, two] = [newId(), newId()];
    const { posted, paymentLocator } = story(one);
    await ledger.publish(posted, { ...posted, id: newId(), tenantid: two });
    const [[mine], [theirs]] = [await ledger.booked(one, 1), await ledger.booked(two, 1)];
    expect([mine?.source.id, theirs?.source.id]).toEqual([paymentLocator, paymentLocator]);
    expect(mine?.id).not.toBe(theirs?.id);
  });
});

it('waits with an undoing until what it undoes has come', async () => {
  const { tenantId, posted, reversed, issued } = story();
  const other = story(tenantId);
  await ledger.publish(reversed, other.posted);
  expect((await ledger.booked(tenantId, 1))[0]?.source.id).toBe(other.paymentLocator);
  await ledger.publish(posted, issued);
  const kinds = (await ledger.booked(tenantId, 4)).map(({ kind }) => kind).sort();
  expect(kinds).toEqual(['invoice_issued', 'payment_posted', 'payment_posted', 'payment_reversed']);
});

it('moves money of nobody to unidentified receipts', async () => {
  const [tenantId, suspenseId, paymentLocator] = [newId(), newId(), newId()];
  await ledger.publish(
    said('suspense.opened', { tenantId, subject: suspenseId, data: { suspenseId, paymentLocator } }),
  );
  const [entry] = await ledger.booked(tenantId, 1);
  expect(entry).toMatchObject({ kind: 'suspense_opened', source: { type: 'suspense', id: suspenseId } });
  expect(inShort(entry!)).toEqual(['2100 25.67 0.00', '2110 0.00 25.67']);
});

it('moves it back once its owner was found, out of which it pays', async () => {
  const { tenantId, issued, posted, allocated, paymentLocator } = story();
  const suspense = { tenantId, subject: newId() };
  const data = { suspenseId: suspense.subject, paymentLocator };
  await ledger.publish(issued, posted, said('suspense.opened', { ...suspense, data }));
  await ledger.publish(said('suspense.applied', { ...suspense, sequence: 2, data }), allocated);
  const entries = await ledger.booked(tenantId, 5);
  expect(inShort(entries.find(({ kind }) => kind === 'suspense_applied')!)).toEqual([
    '2100 0.00 25.67',
    '2110 25.67 0.00',
  ]);
  const balance = inBalance((await trialBalance(tenantId))['USD']!);
  for (const account of ['1200', '2110']) expect(balance).toContain(`${account} 25.67 25.67 0.00`);
  expect(balance).toContain('2100 51.34 51.34 0.00');
});

describe('a debt that is written off', () => {
  const written = (fact: 'write_off.created' | 'shortfall.forgiven', minor: number, account: string) => async () => {
    const { tenantId, invoiceLocator, policyLocator, issued } = story();
    const writeOffId = newId();
    const cause = fact === 'shortfall.forgiven' ? ('tolerance' as const) : ('manual' as const);
    const data = { writeOffId, invoiceLocator, policyLocator, amount: usd(minor), cause };
    await ledger.publish(issued, said(fact, { tenantId, subject: writeOffId, data }));
    const [entry] = await ledger.booked(tenantId, 2);
    const { amount } = usd(minor);
    expect(inShort(entry!)).toEqual([`${account} ${amount} 0.00`, `1200 0.00 ${amount}`]);
    expect(entry).toMatchObject({ source: { type: 'write_off', id: writeOffId }, effectiveDate: '2025-03-01' });
    const undone = { ...data, reversedOn: '2025-04-01' };
    await ledger.publish(said('write_off.reversed', { tenantId, subject: writeOffId, sequence: 2, data: undone }));
    const [mirror] = await ledger.booked(tenantId, 3);
    expect(mirror).toMatchObject({ kind: 'write_off_reversed', reverses: entry!.id, effectiveDate: '2025-04-01' });
    expect(inShort(mirror!)).toEqual([`${account} 0.00 ${amount}`, `1200 ${amount} 0.00`]);
    expect(await violations()).toEqual([]);
  };
  const violations = async () => {
    const { app } = ledger.service;
    return app.get(Database).tx((tx) => app.get(InvariantRepository).violations(tx, null));
  };

  it(
    'by a person is an expense and no receivable any more, until it is owed again',
    written('write_off.created', 2567, '5130'),
  );
  it('because little was missing is an expense of its own', written('shortfall.forgiven', 50, '5135'));
});

it('books nothing for an allocation that applied nothing, and nothing when that is undone', async () => {
  const { tenantId, allocated, unallocated, issued } = story();
  const empty = { allocations: [], unapplied: usd(2567) };
  await ledger.publish(
    { ...allocated, data: { ...allocated.data, ...empty } },
    { ...unallocated, data: { ...unallocated.data, ...empty } },
    issued,
  );
  const [only] = await ledger.booked(tenantId, 1);
  expect(only?.kind).toBe('invoice_issued');
});

it('books many facts of many tenants, each once and in balance', async () => {
  const tenants = [newId(), newId(), newId()];
  const stories = Array.from({ length: 60 }, (_, n) => story(tenants[n % 3]));
  await ledger.publish(...stories.flatMap(({ issued, posted, allocated }) => [issued, posted, allocated]));
  await Promise.all(tenants.map((tenantId) => ledger.booked(tenantId, 60)));
  for (const tenantId of tenants) {
    const balance = await trialBalance(tenantId);
    expect(balance['USD']?.total).toBe('0.00');
    expect(inBalance(balance['USD']!)[0]).toBe('1100 513.40 0.00 513.40');
  }
});

describe('a fact that the rules refuse', () => {
  let desk: DeadLetterDesk;
  let connection: Awaited<ReturnType<typeof ledger.nats.connect>>;
  beforeAll(async () => {
    connection = await ledger.nats.connect('provisioner');
    desk = new DeadLetterDesk(connection, () => ledger.service.app.get(Database));
  });
  afterAll(() => connection.close());
  const reasons = async () => (await desk.list()).map(({ reason }) => reason);

  it.each([
    ['items that miss the total', { total: usd(2568) }, 'entry_unbalanced'],
    ['an amount that says two things', { total: { ...usd(2567), amount: '25.66' } }, 'amount_mismatch'],
    ['no currency that there is', { total: { ...usd(2567), currency: 'QQQ' } }, 'unknown_currency'],
  ])('for %s is a dead letter at once, and the next is booked', async (_, data, reason) => {
    const before = await reasons();
    const { tenantId, issued, invoiceLocator } = story();
    const next = story(tenantId);
    await ledger.publish({ ...issued, data: { ...issued.data, ...data } }, next.issued);
    const [only] = await ledger.booked(tenantId, 1);
    expect(only?.source.id).toBe(next.invoiceLocator);
    expect(only?.source.id).not.toBe(invoiceLocator);
    expect(await reasons()).toEqual([...before, expect.stringContaining(reason)]);
  });

  it('as the undoing of what is not booked is booked by its replay, once the original is', async () => {
    const { tenantId, allocated, unallocated, issued } = story();
    await ledger.publish(unallocated, issued);
    await ledger.booked(tenantId, 1);
    const letter = (await desk.list()).find(({ reason }) => reason.startsWith('entry_not_booked'));
    await ledger.publish(allocated);
    await ledger.booked(tenantId, 2);
    expect(await desk.replay(letter!.seq)).toBe(true);
    const entries = await ledger.booked(tenantId, 3);
    expect(entries[0]).toMatchObject({ kind: 'allocation_reversed', reverses: entries[1]!.id });
  });
});
