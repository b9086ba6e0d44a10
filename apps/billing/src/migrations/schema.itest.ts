import pg from 'pg';
import { DataSource } from 'typeorm';
import { newId } from '@quittance/service-kit/id';
import { entities } from '../entities.ts';
import { issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
const clients: pg.Client[] = [];

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  return client;
}

beforeAll(async () => {
  billing = await startBilling();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await billing.stop();
});

it('has the columns that the entities map', async () => {
  const source = new DataSource({
    type: 'postgres',
    url: billing.database.adminUrl,
    schema: 'billing',
    entities: [...entities],
  });
  await source.initialize();
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  await source.destroy();
  // Constraints and indexes are the migrations' alone; entities know columns only.
  const drift = upQueries.map(({ query }) => query).filter((query) => !/ DROP CONSTRAINT |^DROP INDEX /.test(query));
  expect(drift).toEqual([]);
});

describe('row-level security', () => {
  it('holds on every table that has a tenant', async () => {
    const open = await billing.sql(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = 'billing'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    expect(open).toEqual([]);
  });

  it('is composite in every foreign key: none can point into another tenant', async () => {
    const loose = await billing.sql(
      `SELECT conname FROM pg_constraint c WHERE contype = 'f' AND connamespace = 'billing'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_attribute a
                           WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND a.attname = 'tenant_id')`,
    );
    expect(loose).toEqual([]);
  });

  it('shows the app one tenant, hides every row without one, and refuses rows of another', async () => {
    const [ours, theirs] = [newId(), newId()];
    await issue(await billing.api(ours));
    const app = await connect(billing.database.appUrl);
    const asTenant = async (tenantId: string, text: string) => {
      await app.query('BEGIN');
      await app.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
      try {
        return (await app.query<Record<string, unknown>>(text)).rows;
      } finally {
        await app.query('ROLLBACK');
      }
    };
    for (const table of [
      'policyholders',
      'policies',
      'charges',
      'schedules',
      'instalments',
      'instalment_lines',
      'invoices',
      'invoice_items',
    ]) {
      expect(await asTenant(ours, `SELECT DISTINCT tenant_id FROM ${table}`)).toEqual([{ tenant_id: ours }]);
      expect(await asTenant(theirs, `SELECT tenant_id FROM ${table}`)).toEqual([]);
      expect((await app.query(`SELECT 1 FROM ${table}`)).rows).toEqual([]);
    }
    const foreign = `INSERT INTO invoice_counters (tenant_id, last_number) VALUES ('${ours}', 1)`;
    await expect(asTenant(theirs, foreign)).rejects.toThrow('row-level security');
  });
});

describe('the last line of defence', () => {
  it.each([
    [
      'an instalment off by a cent',
      `UPDATE instalments SET amount_minor = amount_minor + 1, balance_minor = balance_minor + 1`,
      'schedules_sum_of_instalments',
    ],
    ['an instalment cancelled alone', `UPDATE instalments SET state = 'cancelled'`, 'schedules_sum_of_instalments'],
    ['a total off by a cent', `UPDATE schedules SET total_minor = total_minor + 1`, 'schedules_sum_of_instalments'],
    ['a line off by a cent', `UPDATE instalment_lines SET amount_minor = amount_minor + 1`, 'instalments_sum_of_lines'],
    ['a line that is gone', `DELETE FROM instalment_lines`, 'instalments_sum_of_lines'],
    [
      'a line written anew, off by a cent',
      `WITH gone AS (DELETE FROM instalment_lines RETURNING tenant_id, instalment_id, charge_id, amount_minor)
       INSERT INTO instalment_lines (tenant_id, instalment_id, charge_id, amount_minor)
       SELECT tenant_id, instalment_id, charge_id, amount_minor + 1 FROM gone`,
      'instalments_sum_of_lines',
    ],
    [
      'instalments more',
      `INSERT INTO instalments
       SELECT (jsonb_populate_record(i, jsonb_build_object('id', uuidv7(), 'number', number + 100))).*
         FROM instalments i`,
      'schedules_sum_of_instalments',
    ],
    [
      'a balance that is not the difference',
      `UPDATE instalments SET balance_minor = balance_minor - 1`,
      'instalments_balance',
    ],
    [
      'more paid than owed',
      `UPDATE instalments SET allocated_minor = amount_minor + 1, balance_minor = -1`,
      'instalments_not_overpaid',
    ],
    ['paid and still owed', `UPDATE instalments SET state = 'paid'`, 'instalments_state_tells_balance'],
    [
      'an invoice paid twice',
      `UPDATE invoices SET allocated_minor = total_minor * 2, balance_minor = -total_minor`,
      'invoices_not_overpaid',
    ],
    ['an item paid twice', `UPDATE invoice_items SET allocated_minor = amount_minor + 1`, 'invoice_items_not_overpaid'],
    [
      'a second live schedule',
      `INSERT INTO schedules SELECT tenant_id, gen_random_uuid(), policy_locator, transaction_id, plan, 'on_hold',
       currency, total_minor, paid_through, version, created_at FROM schedules`,
      'schedules_one_live',
    ],
    ...['number = number + 1', `currency = 'EUR'`, 'issued_on = issued_on - 1', 'original_due_on = original_due_on - 1']
      .concat(['total_minor = 2568, balance_minor = 2568', `type = 'fee'`])
      .map((edit) => ['an issued invoice: ' + edit, `UPDATE invoices SET ${edit}`, 'invoices_kept_as_issued']),
    ['an item of another amount', 'UPDATE invoice_items SET amount_minor = 1', 'invoice_items_kept_as_issued'],
    ['an item of another category', `UPDATE invoice_items SET category = 'fee'`, 'invoice_items_kept_as_issued'],
    ['an invoice that is gone', 'DELETE FROM invoices', 'invoices_kept'],
    ['an item that is gone', 'DELETE FROM invoice_items', 'invoice_items_kept'],
    [
      'an item more',
      `INSERT INTO invoice_items (tenant_id, invoice_id, item_no, category, amount_minor, allocated_minor)
       SELECT tenant_id, id, 9, 'fee', 1, 0 FROM invoices`,
      'invoices_sum_of_items',
    ],
    ['an invoice due before it was', 'UPDATE invoices SET due_on = due_on - 1', 'invoices_due_never_earlier'],
    ['an earlier due date', `UPDATE instalments SET due_on = due_on - 1`, 'instalments_due_never_earlier'],
  ])('refuses %s', async (_name, statement, constraint) => {
    const tenantId = newId();
    await issue(await billing.api(tenantId));
    const worker = await connect(billing.database.workerUrl);
    const change = async () => {
      await worker.query('BEGIN');
      await worker.query(`${statement} WHERE tenant_id = '${tenantId}'`);
      await worker.query('COMMIT');
    };
    await expect(change()).rejects.toMatchObject({ constraint });
    await worker.query('ROLLBACK');
  });

  it('keeps allocations as they were written', async () => {
    const worker = await connect(billing.database.workerUrl);
    await expect(worker.query('UPDATE allocations SET amount_minor = 1')).rejects.toThrow('permission denied');
    await expect(worker.query('DELETE FROM unapplied_entries')).rejects.toThrow('permission denied');
  });
});
