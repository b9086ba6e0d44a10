import pg from 'pg';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { Database } from '@quittance/service-kit/database/database';
import { said, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { CheckLedgerWorker } from './check-ledger.worker.ts';
import { InvariantRepository } from './invariant.repository.ts';
import type { Violation } from './invariant.repository.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

async function violations(tenantId: string, since: Date | null = null): Promise<Omit<Violation, 'tenantId'>[]> {
  const { app } = ledger.service;
  const found = await app.get(Database).tx((tx) => app.get(InvariantRepository).violations(tx, since));
  return found
    .filter((violation) => violation.tenantId === tenantId)
    .map(({ invariant, subject }) => ({ invariant, subject }));
}

/** What the running worker says of itself, after it has looked once more. */
async function gauges(): Promise<Record<string, number>> {
  const read = async () => (await fetch(`${ledger.service.healthUrl}/metrics`)).text();
  const timeIn = (text: string) => Number(/^ledger_checked_timestamp_seconds (\S+)$/m.exec(text)?.[1]);
  const before = timeIn(await read());
  ledger.service.app.get(CheckLedgerWorker).kick();
  const text = await eventually(async () => {
    const now = await read();
    return timeIn(now) > before ? now : undefined;
  });
  const found = [...text.matchAll(/^ledger_imbalance\{invariant="(\w+)"\} (\d+)$/gm)];
  return Object.fromEntries(found.map(([, invariant, value]) => [invariant, Number(value)]));
}

/** As nobody may: past triggers and foreign keys. */
async function tamper(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: ledger.database.adminUrl });
  await client.connect();
  await client.query(`SET session_replication_role = replica`);
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function reversedPayment(tenantId: string) {
  const locator = newId();
  await ledger.publish(
    said('payment.posted', { tenantId, subject: locator, data: { locator } }),
    said('payment.reversed', { tenantId, subject: locator, sequence: 2, data: { locator } }),
  );
  const entries = await ledger.booked(tenantId, 2);
  const posted = entries.find(({ kind }) => kind === 'payment_posted')!;
  const mirror = entries.find(({ kind }) => kind === 'payment_reversed')!;
  return { posted, mirror };
}

const sound = {
  ...{ trial_balance: 0, entry_balance: 0, reversal_mirror: 0, reversed_once: 0, dispute_settled: 0 },
  ...{ write_off_booked: 0, roll_ups: 0, sealed_whole: 0, payment_path: 0, match_balance: 0, payout_cleared: 0 },
  ...{ remittance_cash: 0, statement_chain: 0, unearned_premium: 0, trust_float: 0, sealed_chain: 0 },
};

it('finds nothing in sound books, and says so in the metrics', async () => {
  const tenantId = newId();
  await reversedPayment(tenantId);
  expect(await violations(tenantId)).toEqual([]);
  expect(await gauges()).toEqual(sound);
});

it('finds an amount that was changed, names currency and entry, and goes on saying so until it is undone', async () => {
  const [tenantId, untouched] = [newId(), newId()];
  const { posted, mirror } = await reversedPayment(tenantId);
  await reversedPayment(untouched);
  expect(await gauges()).toEqual(sound);
  const change = (by: number) =>
    `UPDATE journal_lines SET amount_minor = amount_minor + ${by} WHERE entry_id = '${posted.id}' AND n = 1`;
  await tamper(change(1));
  expect(await violations(tenantId)).toEqual([
    { invariant: 'trial_balance', subject: 'USD' },
    { invariant: 'entry_balance', subject: posted.id },
    { invariant: 'reversal_mirror', subject: mirror.id },
  ]);
  const wrong = { ...sound, trial_balance: 1, entry_balance: 1, reversal_mirror: 1 };
  expect(await violations(untouched)).toEqual([]);
  expect(await gauges()).toEqual(wrong);
  expect(await gauges()).toEqual(wrong);
  await tamper(change(-1));
  expect(await gauges()).toEqual(sound);
});

it('finds an entry that lost its lines', async () => {
  const tenantId = newId();
  const { mirror } = await reversedPayment(tenantId);
  await tamper(`DELETE FROM journal_lines WHERE entry_id = '${mirror.id}'`);
  expect(await violations(tenantId)).toEqual([
    { invariant: 'entry_balance', subject: mirror.id },
    { invariant: 'reversal_mirror', subject: mirror.id },
  ]);
});

it('finds a mirror that balances but is not one', async () => {
  const tenantId = newId();
  const { mirror } = await reversedPayment(tenantId);
  await tamper(`UPDATE journal_lines SET account = '1110' WHERE entry_id = '${mirror.id}' AND account = '1100'`);
  expect(await violations(tenantId)).toEqual([{ invariant: 'reversal_mirror', subject: mirror.id }]);
});

it('adds up only what was booked since, when asked for that', async () => {
  const tenantId = newId();
  const { mirror } = await reversedPayment(tenantId);
  await tamper(`DELETE FROM journal_lines WHERE entry_id = '${mirror.id}'`);
  const soon = new Date(Date.now() + 60_000);
  expect(await violations(tenantId, soon)).toEqual([]);
  expect((await violations(tenantId, new Date(mirror.postedAt))).map(({ subject }) => subject)).toEqual([
    mirror.id,
    mirror.id,
  ]);
});

it('finds a payment that was reversed twice', async () => {
  const tenantId = newId();
  const { posted, mirror } = await reversedPayment(tenantId);
  const again = newId();
  await tamper(
    `ALTER TABLE journal_entries DROP CONSTRAINT journal_entries_reverses_once`,
    `INSERT INTO journal_entries (tenant_id, id, kind, source_type, source_id, effective_on, posted_at, reverses)
       SELECT tenant_id, '${again}', kind, source_type, 'again', effective_on, posted_at, reverses
         FROM journal_entries WHERE id = '${mirror.id}'`,
    `CREATE TEMP TABLE copied AS SELECT * FROM journal_lines WHERE entry_id = '${mirror.id}'`,
    `UPDATE copied SET entry_id = '${again}'`,
    `INSERT INTO journal_lines SELECT * FROM copied`,
  );
  expect(await violations(tenantId)).toEqual([{ invariant: 'reversed_once', subject: posted.id }]);
});
