import { createHash } from 'node:crypto';
import pg from 'pg';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { BalanceRepository } from '../balances/balance.repository.ts';
import { said, startReconciliation, usd } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { verifyLedger } from '../verify-ledger.ts';
import { FollowLedgerWorker } from './follow-ledger.worker.ts';
import { LedgerService } from './ledger.service.ts';
import { emptyTree, headOf, withLeaves } from './merkle.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

interface Seal {
  n: number;
  firstSeq: number;
  lastSeq: number;
  entries: number;
  size: number;
  previousHash: string;
  hash: string;
}
const seals = async (on: Reconciliation, tenantId: string, query = '') =>
  (await (await on.api(tenantId)).get<{ items: Seal[]; nextCursor: string | null }>(`/ledger/proof${query}`)).body;

/** The tenant's seals, once so many of its entries are sealed. */
const sealed = (on: Reconciliation, tenantId: string, entries: number) =>
  eventually(async () => {
    on.service.app.get(FollowLedgerWorker).kick();
    const { items } = await seals(on, tenantId);
    return items.at(-1)?.size === entries ? items : undefined;
  });

/** A payment, what it pays, and one of another currency that is taken back. */
function story(tenantId: string): QuittanceEvent[] {
  const [paid, invoice, batch, returned] = [newId(), newId(), newId(), newId()];
  const yen = { amount: '1200', amountMinor: 1200, currency: 'JPY' };
  const about = { policyLocator: 'POL-"1"', invoiceLocator: invoice };
  const applied = { ...about, instalmentId: newId(), amount: usd(2567) };
  return [
    said('payment.posted', { tenantId, subject: paid, data: { locator: paid, ...about } }),
    said('payment.posted', { tenantId, subject: returned, data: { locator: returned, amount: yen } }),
    said('payment.reversed', { tenantId, subject: returned, sequence: 2, data: { locator: returned, amount: yen } }),
    said('allocation.created', {
      ...{ tenantId, subject: batch },
      data: { batchId: batch, paymentLocator: paid, allocations: [applied] },
    }),
  ];
}

async function book(on: Reconciliation, tenantId: string, events: QuittanceEvent[]) {
  // One by one: what comes by two streams has no order but that.
  for (const [index, event] of events.entries()) {
    await on.publish(event);
    await on.booked(tenantId, index + 1);
  }
}

async function asAdministrator(...statements: string[]) {
  const client = new pg.Client({ connectionString: ledger.database.adminUrl });
  await client.connect();
  await client.query(`SET session_replication_role = replica`);
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const trialBalance = async (on: Reconciliation, tenantId: string) =>
  (await (await on.api(tenantId)).get('/trial-balance')).body;

it('two runs of the same events end with the same balances and the same hash', async () => {
  const other = await startReconciliation();
  const tenantId = newId();
  const events = story(tenantId);
  await Promise.all([book(ledger, tenantId, events), book(other, tenantId, events)]);
  const [one, two] = await Promise.all([sealed(ledger, tenantId, 4), sealed(other, tenantId, 4)]);
  expect(two.at(-1)!.hash).toBe(one.at(-1)!.hash);
  expect(await trialBalance(other, tenantId)).toEqual(await trialBalance(ledger, tenantId));
  await other.stop();
});

it('seals what anybody can put together from the entries: JSON, hashed as the leaves of a tree', async () => {
  const tenantId = newId();
  await book(ledger, tenantId, story(tenantId));
  const found = (await ledger.booked(tenantId, 4)).toReversed();
  const batches = await sealed(ledger, tenantId, 4);
  const keyOf = ({ kind, source: { type, id } }: (typeof found)[number]) => ({ kind, source: { type, id } });
  const leaves = found.map((entry) => {
    const original = found.find(({ id }) => id === entry.reverses);
    const lines = entry.lines.map(({ account, debit, credit, currency, ...about }) => ({
      account,
      amount: String(Number(`${debit}`.replace('.', '')) - Number(`${credit}`.replace('.', ''))),
      currency,
      ...about,
    }));
    const canonical = {
      ...{ tenant: tenantId, ...keyOf(entry), effectiveOn: entry.effectiveDate },
      ...(original ? { reverses: keyOf(original) } : {}),
      lines,
    };
    return createHash('sha256').update('\0').update(JSON.stringify(canonical)).digest();
  });
  expect(batches.at(-1)!.hash).toBe(headOf(withLeaves(emptyTree, leaves)).toString('hex'));
  expect(batches[0]!.previousHash).toBe(headOf(emptyTree).toString('hex'));
});

it('passes over no entry that is committed after a later one, and the trial balance is right all along', async () => {
  const tenantId = newId();
  const early = new pg.Client({ connectionString: ledger.database.workerUrl });
  await early.connect();
  const [late, kept] = [newId(), newId()];
  await ledger.publish(said('payment.posted', { tenantId, subject: newId(), data: { locator: newId() } }));
  await ledger.booked(tenantId, 1);
  await sealed(ledger, tenantId, 1);
  // As the journal books: its transaction has a number first, then the entry draws its own.
  await early.query('BEGIN');
  await early.query('SELECT pg_current_xact_id()');
  await early.query(
    `INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, posted_at)
     VALUES ($1, $2::uuid, 'payment_posted', 'payment', $2::uuid::text, '2025-01-01', now())`,
    [tenantId, late],
  );
  await early.query(
    `INSERT INTO journal_lines (tenant_id, entry_id, n, account, amount_minor, currency)
     VALUES ($1, $2::uuid, 1, '1100', 100, 'USD'), ($1, $2, 2, '2100', -100, 'USD')`,
    [tenantId, late],
  );
  const look = async () => {
    for (let looks = 0; looks < 3; looks++) await ledger.service.app.get(LedgerService).follow();
  };
  // Once while nobody has ended after it: the end of a snapshot is its own number then, and no later one.
  await look();
  await ledger.publish(said('payment.posted', { tenantId, subject: kept, data: { locator: kept } }));
  await ledger.booked(tenantId, 2);
  await look();
  const total = async () => (await trialBalance(ledger, tenantId))['USD'] as { accounts: { debit: string }[] };
  expect((await seals(ledger, tenantId)).items.at(-1)!.size).toBe(1);
  expect((await total()).accounts[0]!.debit).toBe('51.34');
  await early.query('COMMIT');
  await early.end();
  await sealed(ledger, tenantId, 3);
  expect((await total()).accounts[0]!.debit).toBe('52.34');
  expect((await verifyLedger(ledger.database.workerUrl)).find((chain) => chain.tenantId === tenantId)).toMatchObject({
    ...{ entries: 3, broken: null },
  });
});

it('adds up the same from roll-ups as from all lines, at any date and by either basis', async () => {
  const tenantId = newId();
  await book(ledger, tenantId, story(tenantId));
  const { app } = ledger.service;
  const read = (at?: string, basis: 'effective' | 'posted' = 'effective') =>
    app.get(Database).withTenant(tenantId, (tx) => app.get(BalanceRepository).balances(tx, { at, basis }));
  const asked = [
    [],
    ['2025-01-01'],
    ['2025-01-05'],
    ['2019-01-01'],
    ['2019-01-01', 'posted'],
    ['2199-01-01', 'posted'],
  ];
  const answers = () => Promise.all(asked.map(([at, basis]) => read(at, basis as 'posted')));
  const fromLines = await answers();
  await sealed(ledger, tenantId, 4);
  expect(await answers()).toEqual(fromLines);
  expect(fromLines.map((balances) => balances.length > 0)).toEqual([true, true, true, false, false, true]);
});

describe('what was sealed and is changed afterwards', () => {
  const tenantId = newId();
  let batches: Seal[];
  const verified = async () =>
    (await verifyLedger(ledger.database.workerUrl)).find((chain) => chain.tenantId === tenantId)!;
  beforeAll(async () => {
    for (let n = 1; n <= 3; n++) {
      const locator = newId();
      await ledger.publish(said('payment.posted', { tenantId, subject: locator, data: { locator } }));
      await ledger.booked(tenantId, n);
      batches = await sealed(ledger, tenantId, n);
    }
  });

  it('three batches follow each other, and are as they were sealed', async () => {
    expect(batches.map(({ n, size }) => [n, size])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(batches[2]!.previousHash).toBe(batches[1]!.hash);
    expect(await verified()).toEqual({
      ...{ tenantId, batches: 3, entries: 3, hash: batches[2]!.hash, broken: null },
    });
  });

  const entry = (n: number) => `(SELECT id FROM journal_entries WHERE seq = ${batches[n - 1]!.lastSeq})`;
  it.each([
    [
      'an amount, balanced again',
      () => `UPDATE journal_lines SET amount_minor = amount_minor * 2 WHERE entry_id = ${entry(2)}`,
      () => `UPDATE journal_lines SET amount_minor = amount_minor / 2 WHERE entry_id = ${entry(2)}`,
      'an entry is not as it was sealed',
    ],
    [
      'a date',
      () => `UPDATE journal_entries SET effective_on = effective_on + 1 WHERE id = ${entry(2)}`,
      () => `UPDATE journal_entries SET effective_on = effective_on - 1 WHERE id = ${entry(2)}`,
      'an entry is not as it was sealed',
    ],
    [
      'an entry that is gone',
      () => `UPDATE journal_entries SET tenant_id = '${other}' WHERE id = ${entry(2)}`,
      () => `UPDATE journal_entries SET tenant_id = '${tenantId}' WHERE id = ${entry(2)}`,
      '1 entries were sealed, there are 0',
    ],
    [
      'the seal itself',
      () => `UPDATE ledger_batches SET hash = sha256('x') WHERE tenant_id = '${tenantId}' AND n = 2`,
      () => `UPDATE ledger_batches SET hash = '\\x${batches[1]!.hash}' WHERE tenant_id = '${tenantId}' AND n = 2`,
      'an entry is not as it was sealed',
    ],
  ])('%s: the first broken batch is named', async (_what, damage, repair, reason) => {
    await asAdministrator(damage());
    const { firstSeq, lastSeq } = batches[1]!;
    expect((await verified()).broken).toEqual({ tenantId, n: 2, firstSeq, lastSeq, reason });
    await asAdministrator(repair());
    expect((await verified()).broken).toBeNull();
  });

  it('GET /ledger/proof names the batches that touch a range, page by page, and to others none', async () => {
    const { firstSeq } = batches[1]!;
    const { lastSeq } = batches[2]!;
    expect(
      (await seals(ledger, tenantId, `?fromSeq=${firstSeq}&toSeq=${lastSeq - 1}`)).items.map(({ n }) => n),
    ).toEqual([2]);
    const first = await seals(ledger, tenantId, '?limit=2');
    const second = await seals(ledger, tenantId, `?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toEqual(batches);
    expect(second.nextCursor).toBeNull();
    expect((await seals(ledger, other)).items).toEqual([]);
    const refused = await (await ledger.api(tenantId)).get<any>('/ledger/proof?fromSeq=0&toSeq=x&cursor=nonsense');
    expect(refused.status).toBe(400);
  });
});
const other = newId();
