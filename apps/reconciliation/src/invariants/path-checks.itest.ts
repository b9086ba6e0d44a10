import pg from 'pg';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { FollowLedgerWorker } from '../ledger/follow-ledger.worker.ts';
import { ChainVerifier } from '../ledger/chain-verifier.ts';
import { said, startReconciliation, usd } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { InvariantRepository } from './invariant.repository.ts';

let recon: Reconciliation;
/** Tenants with sound books, one for each that is spoilt. They are all made at once: workers take their time. */
let sound: string[];
beforeAll(async () => {
  recon = await startReconciliation();
  sound = await Promise.all(Array.from({ length: 9 }, settled));
}, 60_000);
afterAll(() => recon.stop());

async function found(tenantId: string): Promise<string[]> {
  const { app } = recon.service;
  const violations = await app.get(Database).tx((tx) => app.get(InvariantRepository).violations(tx, null));
  return violations.filter((each) => each.tenantId === tenantId).map(({ invariant }) => invariant);
}

/** As nobody may: past triggers and foreign keys. */
async function plant(text: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: recon.database.adminUrl });
  await client.connect();
  await client.query(`SET session_replication_role = replica`);
  await client.query(text, values);
  await client.end();
}

const columns =
  'balance_transaction_id,created_utc,reporting_category,gross,fee,net,currency,payment_intent_id,source_id,' +
  'automatic_payout_id,automatic_payout_effective_at';
const hand = async (tenantId: string, path: string, body: string) =>
  (await recon.api(tenantId, ['recon:read', 'recon:write'])).send<any>('POST', path, {
    body,
    headers: { 'content-type': 'application/octet-stream', 'idempotency-key': newId() },
  });

/** A payment that was paid out by a payout which the bank has shown. */
async function settled(): Promise<string> {
  const [tenantId, locator] = [newId(), newId()];
  const today = new Date().toISOString().slice(0, 10);
  const data = { locator, method: 'card' as const, amount: usd(10_000), providerRef: 'pi_1', effectiveDate: today };
  await recon.publish(said('payment.posted', { tenantId, subject: locator, data }));
  await recon.booked(tenantId, 1);
  const rows = [
    `txn_1,${today},charge,100.00,3.20,96.80,usd,pi_1,ch_1,po_abc123,${today}`,
    `txn_2,${today},payout,-96.80,0.00,-96.80,usd,,po_abc123,,${today}`,
  ];
  await hand(tenantId, '/bank-statements', [columns, ...rows].join('\n'));
  const day = today.slice(2).replaceAll('-', '');
  const fields = [':20:S', ':25:1', ':28C:1/1', `:60F:C${day}USD0,`];
  const lines = [`:61:${day}${day.slice(2)}C96,80NTRFNONREF//B1`, ':86:STRIPE po_abc123', `:62F:C${day}USD96,80`];
  await hand(tenantId, '/bank-statements', [...fields, ...lines, '-', ''].join('\r\n'));
  await recon.booked(tenantId, 4);
  await eventually(async () => {
    recon.service.app.get(FollowLedgerWorker).kick();
    const [row] = await recon.sql<{ n: number }>(
      'SELECT coalesce(max(size), 0)::int AS n FROM ledger_batches WHERE tenant_id = $1',
      [tenantId],
    );
    return row!.n === 4;
  });
  return tenantId;
}

it.each([
  ['roll_ups', `UPDATE balance_days SET debit_minor = debit_minor + 1 WHERE tenant_id = $1 AND account = '1020'`],
  [
    'sealed_whole',
    `DELETE FROM ledger_batches b WHERE tenant_id = $1
        AND n = (SELECT max(n) FROM ledger_batches WHERE tenant_id = b.tenant_id)`,
  ],
  [
    'payment_path',
    `INSERT INTO settlement_items SELECT tenant_id, gen_random_uuid(), gen_random_uuid(), processor, 'again', category,
       reported_category, currency, gross_minor, fee_minor, net_minor, reference, second_reference, payment_locator,
       dated_on FROM settlement_items WHERE tenant_id = $1 AND category = 'charge'`,
  ],
  [
    'payment_path',
    `UPDATE payment_projections
        SET settled_at = NULL, settle_by = current_date - 9, heard_at = now() - interval '1 hour' WHERE tenant_id = $1`,
    `UPDATE items SET state = 'withdrawn', match_id = NULL WHERE tenant_id = $1 AND source_type = 'payment'`,
    'match_balance',
  ],
  [
    'match_balance',
    `UPDATE items SET amount_minor = amount_minor + 1 WHERE tenant_id = $1 AND source_type = 'bank_line'`,
  ],
  ['match_balance', `UPDATE matches SET b_items = b_items || 999999 WHERE tenant_id = $1`],
  ['payout_cleared', `UPDATE deposit_bookings SET is_booked = false WHERE tenant_id = $1`],
  [
    'statement_chain',
    `INSERT INTO bank_statements SELECT tenant_id, gen_random_uuid(), file_id, account_id, format, kind, '2', reference,
       from_on, to_on + 1, currency, opening_minor + 5, closing_minor + 5, movement_minor, lines, state, faults,
       warnings, sha256('x'), accepted_by,
       accepted_reason, received_at FROM bank_statements WHERE tenant_id = $1`,
  ],
])('a violation of %s is found', async (invariant, statement, ...more) => {
  const tenantId = sound.pop()!;
  expect(await found(tenantId)).toEqual([]);
  await plant(statement, [tenantId]);
  const [another, alsoFound] = more;
  if (another) await plant(another, [tenantId]);
  expect([...new Set(await found(tenantId))]).toEqual([invariant, ...(alsoFound ? [alsoFound] : [])]);
});

it('premium that was earned twice, and an entry that was changed after it was sealed, are found', async () => {
  const tenantId = sound.pop()!;
  await plant(`INSERT INTO earned_premiums (tenant_id, policy_locator, currency) VALUES ($1, 'POL', 'USD')`, [
    tenantId,
  ]);
  await plant(
    `UPDATE journal_lines SET account = '2010', policy_locator = 'POL' WHERE tenant_id = $1 AND account = '1020'`,
    [tenantId],
  );
  expect(await found(tenantId)).toEqual(expect.arrayContaining(['unearned_premium']));
  const chains = await recon.service.app.get(ChainVerifier).verify();
  expect(chains.find((chain) => chain.tenantId === tenantId)?.broken).toMatchObject({
    reason: 'an entry is not as it was sealed',
  });
});
