import pg from 'pg';
import { DataSource } from 'typeorm';
import { newId } from '@quittance/service-kit/id';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { DisbursementEntity } from '../disbursements/disbursement.entity.ts';
import { DisputeEntity } from '../disputes/dispute.entity.ts';
import { FlagEntity } from '../flags/flag.entity.ts';
import { PaymentMethodEntity } from '../payment-methods/payment-method.entity.ts';
import { AttemptEntity } from '../payments/attempt.entity.ts';
import { PaymentEntity } from '../payments/payment.entity.ts';
import { RefundEntity } from '../refunds/refund.entity.ts';
import { migrations } from './all.ts';

let database: TestDatabase;
const clients: pg.Client[] = [];

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  return client;
}

beforeAll(async () => {
  database = await createTestDatabase('payments', migrations);
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.drop();
});

const insert = `INSERT INTO payments (tenant_id, id, version, display_id, state, amount_minor, currency, channel,
  field_values, attempt_no, created_at, updated_at)
  VALUES ($1, $2, 1, $2::uuid::text, $3, $4, 'USD', 'api', '{}', 0, now(), now())`;

it('has the columns that the entities map', async () => {
  const entities = [
    PaymentEntity,
    AttemptEntity,
    PaymentMethodEntity,
    FlagEntity,
    RefundEntity,
    DisbursementEntity,
    DisputeEntity,
  ] as never[];
  const source = new DataSource({ type: 'postgres', url: database.adminUrl, schema: 'payments', entities });
  await source.initialize();
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  await source.destroy();
  // Constraints, indexes and defaults are the migrations' alone; entities know columns only.
  expect(
    upQueries.map(({ query }) => query).filter((query) => !/ DROP CONSTRAINT |^DROP INDEX | DROP DEFAULT$/.test(query)),
  ).toEqual([]);
});

describe('row-level security', () => {
  it('holds on every table that has a tenant', async () => {
    const admin = await connect(database.adminUrl);
    const { rows } = await admin.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = 'payments'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });

  it('shows the app one tenant, hides every row without one, and refuses rows of another', async () => {
    const app = await connect(database.appUrl);
    const [ours, theirs] = [newId(), newId()];
    const asTenant = async (tenantId: string, text: string, values: unknown[] = []) => {
      await app.query('BEGIN');
      try {
        await app.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
        return (await app.query<Record<string, unknown>>(text, values)).rows;
      } finally {
        await app.query('COMMIT');
      }
    };
    await asTenant(ours, insert, [ours, newId(), 'draft', 100]);
    expect(await asTenant(ours, 'SELECT tenant_id FROM payments')).toEqual([{ tenant_id: ours }]);
    expect(await asTenant(theirs, 'SELECT tenant_id FROM payments')).toEqual([]);
    expect((await app.query('SELECT 1 FROM payments')).rows).toEqual([]);
    await expect(asTenant(theirs, insert, [ours, newId(), 'draft', 100])).rejects.toThrow('row-level security');
  });
});

describe('the last line of defence', () => {
  it.each([
    ['an amount of zero', ['draft', 0], 'payments_amount_positive'],
    ['a state that does not exist', ['paid', 100], 'payments_state'],
    ['posted without a date', ['posted', 100], 'payments_posted_has_date'],
    ['declined without a reason', ['declined', 100], 'payments_declined_has_reason'],
  ] as const)('refuses %s', async (_name, values, constraint) => {
    const worker = await connect(database.workerUrl);
    const refused = worker.query(insert, [newId(), newId(), ...values]);
    await expect(refused).rejects.toMatchObject({ constraint });
  });
});
