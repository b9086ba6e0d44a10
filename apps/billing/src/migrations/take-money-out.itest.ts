import pg from 'pg';
import { migrate } from '@quittance/service-kit/database/migrate';
import { newId } from '@quittance/service-kit/id';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { migrations } from './all.ts';

const before = migrations.findIndex(({ name }) => name.startsWith('TakeMoneyOut'));
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase('billing', migrations.slice(0, before));
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const [tenantId, posted, reversed] = [newId(), newId(), newId()];

it('says of payments that were reversed before it that their money was returned', async () => {
  await admin.query(
    `INSERT INTO received_payments (tenant_id, locator, currency, amount_minor, state, allocated_minor,
       unapplied_minor, suspended_minor, effective_date)
     VALUES ($1, $2, 'USD', 2567, 'posted', 2000, 567, 0, '2025-01-01'),
            ($1, $3, 'USD', 100, 'reversed', 0, 0, 0, '2025-01-01')`,
    [tenantId, posted, reversed],
  );
  await migrate({ service: 'billing', schema: 'billing', adminUrl: database.adminUrl, migrations });
  const { rows } = await admin.query('SELECT locator, returned_minor FROM received_payments ORDER BY amount_minor');
  expect(rows).toEqual([
    { locator: reversed, returned_minor: '100' },
    { locator: posted, returned_minor: '0' },
  ]);
});

it.each([
  ['a cent that is nowhere', `refunded_minor = 1`, 'received_payments_parts_add_up'],
  [
    'more refunded than there is',
    `refunded_minor = 3000, unapplied_minor = -2433`,
    'received_payments_parts_not_negative',
  ],
  ['a returned payment that pays something', `state = 'reversed'`, 'received_payments_reversed_pays_nothing'],
  [
    'a payment that stands and was returned',
    `returned_minor = 567, unapplied_minor = 0`,
    'received_payments_reversed_pays_nothing',
  ],
])('refuses %s', async (_name, change, constraint) => {
  const update = admin.query(`UPDATE received_payments SET ${change} WHERE locator = $1`, [posted]);
  await expect(update).rejects.toMatchObject({ constraint });
});

it('has one subscription of a link', async () => {
  const insert = () =>
    admin.query(
      `INSERT INTO subscriptions (tenant_id, id, link_id, status, amount_minor, currency, interval, anchor_on,
         next_charge_on, next_charge_at, policy_id, carrier_id, employer_id, version, created_at)
       VALUES ($1, $2, $3, 'active', 75000, 'USD', 'monthly', '2025-01-31', '2025-02-28', '2025-02-28T00:00Z', 'P', 'C',
         'E', 1, now())`,
      [tenantId, newId(), posted],
    );
  await insert();
  await expect(insert()).rejects.toMatchObject({ constraint: 'subscriptions_one_of_a_link' });
});
