import pg from 'pg';
import { newId } from '@quittance/service-kit/id';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { migrations } from './all.ts';

let database: TestDatabase;
let admin: pg.Pool;
let app: pg.Pool;
let worker: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase('webhooks', migrations);
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 1 });
  app = new pg.Pool({ connectionString: database.appUrl, max: 1 });
  worker = new pg.Pool({ connectionString: database.workerUrl, max: 1 });
});
afterAll(async () => {
  await Promise.all([admin.end(), app.end(), worker.end()]);
  await database.drop();
});

const endpoint = (tenantId: string, id: string) => ({
  text: `INSERT INTO endpoints (tenant_id, id, shard, url, state, created_at, updated_at)
         VALUES ($1, $2, 0, 'https://a.example/', 'active', now(), now())`,
  values: [tenantId, id],
});

async function asTenant<T>(tenantId: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await app.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

describe('row-level security', () => {
  it('is enabled and forced on every table with a tenant, each partition too', async () => {
    const { rows } = await admin.query(
      `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname = 'webhooks'
          AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });

  it('every foreign key carries the tenant', async () => {
    const { rows } = await admin.query(
      `SELECT conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
        WHERE n.nspname = 'webhooks' AND contype = 'f'
          AND NOT EXISTS (SELECT FROM pg_attribute a
                           WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname = 'tenant_id')`,
    );
    expect(rows).toEqual([]);
  });

  it('the app role sees and writes its own tenant only, and nothing without one', async () => {
    const [mine, theirs] = [newId(), newId()];
    await admin.query(endpoint(mine, newId()));
    await admin.query(endpoint(theirs, newId()));
    const seen = await asTenant(mine, (client) => client.query('SELECT tenant_id FROM endpoints'));
    expect(seen.rows).toEqual([{ tenant_id: mine }]);
    expect((await app.query('SELECT tenant_id FROM endpoints')).rows).toEqual([]);
    await expect(asTenant(mine, (client) => client.query(endpoint(theirs, newId())))).rejects.toThrow(
      'row-level security',
    );
  });

  it('the app role sees and destroys its own tenant’s keys only; the worker makes keys and destroys none', async () => {
    const [mine, theirs] = [newId(), newId()];
    const key = `INSERT INTO tenant_keys (tenant_id, id, wrapped, key_version, created_at)
                 VALUES ($1, 1, 'x', 1, now())`;
    for (const tenantId of [mine, theirs]) await worker.query(key, [tenantId]);
    const destroy = `UPDATE tenant_keys SET wrapped = NULL, destroyed_at = now() RETURNING tenant_id`;
    expect((await asTenant(mine, (client) => client.query(destroy))).rows).toEqual([{ tenant_id: mine }]);
    await expect(worker.query(destroy)).rejects.toThrow('permission denied');
    await expect(app.query('DELETE FROM tenant_keys')).rejects.toThrow('permission denied');
  });

  it('a destroyed key keeps no key, and only a destroyed one has none', async () => {
    const half = (wrapped: string | null, destroyedAt: string | null) =>
      admin.query(
        `INSERT INTO tenant_keys (tenant_id, id, wrapped, key_version, created_at, destroyed_at)
         VALUES ($1, 1, $2, 1, now(), $3)`,
        [newId(), wrapped, destroyedAt],
      );
    await expect(half('x', '2026-01-01')).rejects.toThrow('tenant_keys_destroyed_is_gone');
    await expect(half(null, null)).rejects.toThrow('tenant_keys_destroyed_is_gone');
  });

  it('a partition is reached through its parent only', async () => {
    const { rows } = await admin.query(`SELECT tablename FROM pg_tables WHERE tablename ~ '_2[0-9]{7}$'
      AND tablename !~ '^event_log'`);
    expect(rows.length).toBeGreaterThanOrEqual(32);
    for (const { tablename } of rows) {
      await expect(app.query(`SELECT FROM ${tablename}`)).rejects.toThrow('permission denied');
      await expect(worker.query(`SELECT FROM ${tablename}`)).rejects.toThrow('permission denied');
    }
  });
});

it('what an ordered endpoint missed is the worker’s own', async () => {
  await expect(asTenant(newId(), (client) => client.query('SELECT FROM ordering_gaps'))).rejects.toThrow(
    'permission denied',
  );
  expect((await worker.query('SELECT FROM ordering_gaps')).rows).toEqual([]);
});

describe('secrets', () => {
  async function endpointWithKey(): Promise<{ tenantId: string; endpointId: string }> {
    const [tenantId, endpointId] = [newId(), newId()];
    await admin.query(endpoint(tenantId, endpointId));
    for (const [kind, publicKey] of [
      ['hmac', null],
      ['ed25519', 'whpk_x'],
    ]) {
      await admin.query(
        `INSERT INTO endpoint_secrets
           (tenant_id, id, endpoint_id, kind, public_key, ciphertext, key_version, not_before)
         VALUES ($1, $2, $3, $4, $5, 'sealed', 1, now())`,
        [tenantId, newId(), endpointId, kind, publicKey],
      );
    }
    return { tenantId, endpointId };
  }

  it('of another tenant show their public keys and nothing else, and only by the endpoint’s id', async () => {
    const { tenantId, endpointId } = await endpointWithKey();
    const published = await asTenant(newId(), (client) =>
      client.query('SELECT * FROM published_keys($1)', [endpointId]),
    );
    expect(published.rows).toEqual([{ id: expect.any(String), public_key: 'whpk_x' }]);
    expect((await app.query('SELECT * FROM published_keys($1)', [newId()])).rows).toEqual([]);
    const secrets = (tenant: string) => asTenant(tenant, (client) => client.query('SELECT FROM endpoint_secrets'));
    expect([(await secrets(tenantId)).rowCount, (await secrets(newId())).rowCount]).toEqual([2, 0]);
    await expect(worker.query('SELECT published_keys($1)', [endpointId])).rejects.toThrow('permission denied');
  });

  it('a tenant may end and remove its own, and change nothing else of them', async () => {
    const { tenantId } = await endpointWithKey();
    const run = (sql: string, tenant = tenantId) => asTenant(tenant, (client) => client.query(sql));
    expect((await run('UPDATE endpoint_secrets SET expires_at = now()')).rowCount).toBe(2);
    expect((await run('DELETE FROM endpoint_secrets')).rowCount).toBe(2);
    expect((await run('DELETE FROM endpoint_secrets', newId())).rowCount).toBe(0);
    for (const change of [`ciphertext = 'x'`, `public_key = 'whpk_y'`, `not_before = now()`, `endpoint_id = id`]) {
      await expect(run(`UPDATE endpoint_secrets SET ${change}`)).rejects.toThrow('permission denied');
    }
  });

  it('a public key belongs to an ed25519 secret, and to no other', async () => {
    const wrong = `UPDATE endpoint_secrets SET public_key = NULL WHERE kind = 'ed25519'`;
    await endpointWithKey();
    await expect(admin.query(wrong)).rejects.toThrow('endpoint_secrets_public_key');
  });
});

describe('partitions', () => {
  const message = (id: string) => ({
    text: `INSERT INTO messages (tenant_id, id, event_type, subject, occurred_at, body)
           VALUES ($1, $2, 'payment.posted', 's', now(), 'x')
           RETURNING tableoid::regclass::text AS stored_in`,
    values: [newId(), id],
  });
  const idAt = (instant: string) => {
    const hex = new Date(instant).getTime().toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
  };

  it('an id’s own time decides the day, to the millisecond', async () => {
    await worker.query(`SELECT create_partitions('2031-05-01', '2031-05-02')`);
    const storedIn = async (instant: string) => (await worker.query(message(idAt(instant)))).rows[0].stored_in;
    expect(await storedIn('2031-05-01T00:00:00.000Z')).toBe('messages_20310501');
    expect(await storedIn('2031-05-01T23:59:59.999Z')).toBe('messages_20310501');
    expect(await storedIn('2031-05-02T00:00:00.000Z')).toBe('messages_20310502');
    expect(await storedIn('2031-05-03T00:00:00.000Z')).toBe('messages_default');
  });

  it('the worker makes days, again without harm, and may do nothing else to the schema', async () => {
    await worker.query(`SELECT create_partitions('2031-06-01', '2031-06-01')`);
    await worker.query(`SELECT create_partitions('2031-06-01', '2031-06-01')`);
    expect((await worker.query('SELECT count(*) FROM attempts_default')).rowCount).toBe(1);
    await expect(worker.query('CREATE TABLE mine ()')).rejects.toThrow('permission denied');
    await expect(worker.query('DROP TABLE messages_20310601')).rejects.toThrow('must be owner');
    await expect(app.query(`SELECT create_partitions('2031-06-02', '2031-06-02')`)).rejects.toThrow(
      'permission denied',
    );
  });
});

describe('what the database refuses', () => {
  const [tenantId, endpointId] = [newId(), newId()];
  beforeAll(() => admin.query(endpoint(tenantId, endpointId)));

  const schedule = (value: string) => `UPDATE endpoints SET retry_schedule = '${value}' WHERE id = '${endpointId}'`;
  const delivery = (columns: string, values: string) =>
    `INSERT INTO deliveries (tenant_id, id, endpoint_id, message_id, shard, due_at, created_at, ${columns})
     VALUES ('${tenantId}', '${newId()}', '${endpointId}', '${newId()}', 0, now(), now(), ${values})`;
  const gap = (count: number, first: string, last: string) =>
    `INSERT INTO backlog_gaps (tenant_id, id, endpoint_id, reason, first_message_id, last_message_id, missed,
                               created_at, updated_at)
     VALUES ('${tenantId}', '${newId()}', '${endpointId}', 'disabled', '${first}', '${last}', ${count}, now(), now())`;
  const [lower, higher] = [newId(), newId()];

  it.each([
    ['a schedule that does not begin at once', schedule('{1}'), 'endpoints_retry_schedule'],
    ['an empty schedule', schedule('{}'), 'endpoints_retry_schedule'],
    ['a wait of more than a day', schedule('{0,86401}'), 'endpoints_retry_schedule'],
    ['more tries before than tries', delivery('attempt, tried_before', '1, 2'), 'deliveries_tried_before'],
    ['a gap of nothing', gap(0, lower, higher), 'backlog_gaps_missed'],
    ['a gap that ends before it begins', gap(1, higher, lower), 'backlog_gaps_order'],
  ])('%s', async (_, sql, constraint) => {
    await expect(worker.query(sql)).rejects.toThrow(constraint);
  });

  it('a second gap for the same reason, while the first one is open', async () => {
    await worker.query(gap(1, lower, higher));
    await expect(worker.query(gap(1, lower, higher))).rejects.toThrow('backlog_gaps_open');
  });
});
