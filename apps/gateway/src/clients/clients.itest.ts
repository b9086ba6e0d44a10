import pg from 'pg';
import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { FakeClock } from '@quittance/testing/fake-clock';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { asWorker, withClients } from '../commands.ts';
import { newClientId, newClientSecret } from '../credentials/credential.ts';
import { SecretHasher } from '../credentials/secret-hasher.ts';
import { newPartner, newTenant, PEPPER, seedTenants } from '../gateway.fixture.ts';
import { migrations } from '../migrations/all.ts';
import { seed } from '../seed.ts';
import { Authenticator } from './authenticator.ts';
import { ClientDirectory } from './client-directory.ts';
import { TRUST_NO_MS, TRUST_YES_MS } from './directory.ts';
import { ClientRepository } from './client.repository.ts';
import type { ClientsService } from './clients.service.ts';

let database: TestDatabase;
let admin: pg.Client;
let app: Database;

beforeAll(async () => {
  database = await createTestDatabase('gateway', migrations);
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const source = createDataSource({ url: database.appUrl, applicationName: 'test', entities: [], poolMax: 2 });
  app = new Database(await source.initialize(), undefined);
});

afterAll(async () => {
  await Promise.all([app?.close(), admin?.end()]);
  await database?.drop();
});

const operate = <T>(work: (clients: ClientsService) => Promise<T>) =>
  withClients({ workerUrl: database.workerUrl, pepper: PEPPER }, work);

class CountingRepository extends ClientRepository {
  reads = 0;

  override find(...args: Parameters<ClientRepository['find']>) {
    this.reads++;
    return super.find(...args);
  }
}

function newAuthenticator() {
  const clock = new FakeClock(new Date());
  const repository = new CountingRepository();
  const directory = new ClientDirectory(app, repository, clock);
  return { clock, repository, authenticator: new Authenticator(directory, new SecretHasher(PEPPER), clock) };
}

async function seeded() {
  const tenant = newTenant();
  await seedTenants(database.workerUrl, tenant);
  return tenant;
}

describe('authentication', () => {
  it('says who it is, with the tenant, its currency and the scopes', async () => {
    const tenant = newTenant({ currency: 'JPY', scopes: ['payments:read', 'recon:read'] });
    await seedTenants(database.workerUrl, tenant);
    const { authenticator } = newAuthenticator();
    expect(authenticator.recall(tenant.clientId, tenant.clientSecret)).toBeUndefined();
    const principal = await authenticator.authenticate(tenant.clientId, tenant.clientSecret);
    expect(principal).toEqual({
      tenantId: tenant.id,
      clientId: tenant.clientId,
      currency: 'JPY',
      scopes: ['payments:read', 'recon:read'],
    });
    // The same object: what hangs on it (tokens) is found again.
    expect(authenticator.recall(tenant.clientId, tenant.clientSecret)).toBe(principal);
  });

  it('asks the database once for many callers at once, and not at all for a form that cannot be', async () => {
    const { clientId, clientSecret } = await seeded();
    const { authenticator, repository } = newAuthenticator();
    expect(await authenticator.authenticate('x', 'y')).toBeNull();
    expect(await authenticator.authenticate(clientId, `${clientSecret.slice(0, -1)}!`)).toBeNull();
    expect(repository.reads).toBe(0);
    const principals = await Promise.all(
      Array.from({ length: 20 }, () => authenticator.authenticate(clientId, clientSecret)),
    );
    expect(new Set(principals).size).toBe(1);
    expect(principals[0]).not.toBeNull();
    expect(repository.reads).toBe(1);
  });

  it('forgets a revoked client within a minute', async () => {
    const { clientId, clientSecret } = await seeded();
    const { authenticator, clock } = newAuthenticator();
    expect(await authenticator.authenticate(clientId, clientSecret)).not.toBeNull();
    await operate((clients) => clients.revoke(clientId));
    clock.advance(TRUST_YES_MS);
    expect(await authenticator.authenticate(clientId, clientSecret)).toBeNull();
  });

  it('believes a no for five seconds: a secret made just now works after that', async () => {
    const { clientId } = await seeded();
    const { authenticator, clock } = newAuthenticator();
    expect(await authenticator.authenticate(clientId, newClientSecret('test'))).toBeNull();
    const { clientSecret } = await operate((clients) => clients.rotate(clientId, 1, new Date()));
    expect(await authenticator.authenticate(clientId, clientSecret)).toBeNull();
    clock.advance(TRUST_NO_MS);
    expect(await authenticator.authenticate(clientId, clientSecret)).not.toBeNull();
  });

  it('refuses a secret from the moment it expires, also from memory', async () => {
    const { clientId, clientSecret } = await seeded();
    await admin.query(`UPDATE client_secrets SET expires_at = now() + interval '30 seconds' WHERE client_id = $1`, [
      clientId,
    ]);
    const { authenticator, clock } = newAuthenticator();
    expect(await authenticator.authenticate(clientId, clientSecret)).not.toBeNull();
    clock.advance(31_000);
    expect(authenticator.recall(clientId, clientSecret)).toBeUndefined();
    expect(await authenticator.authenticate(clientId, clientSecret)).toBeNull();
  });

  it('notes when a secret was used', async () => {
    const { clientId, clientSecret } = await seeded();
    await newAuthenticator().authenticator.authenticate(clientId, clientSecret);
    await eventually(async () => (await secretsOf(clientId))[0]?.last_used_at);
  });
});

describe('rotation', () => {
  it('has both secrets work until the old one ends, and never a third', async () => {
    const { clientId, clientSecret } = await seeded();
    const now = new Date();
    const next = await operate((clients) => clients.rotate(clientId, 7, now));
    const { authenticator } = newAuthenticator();
    expect(await authenticator.authenticate(clientId, clientSecret)).not.toBeNull();
    expect(await authenticator.authenticate(clientId, next.clientSecret)).not.toBeNull();
    await expect(operate((clients) => clients.rotate(clientId, 7, now))).rejects.toThrow('two secrets');
    const [old] = await secretsOf(clientId);
    expect(old?.expires_at?.getTime()).toBe(now.getTime() + 7 * 24 * 60 * 60 * 1000);
  });

  it('takes the slot of a secret that has expired', async () => {
    const { clientId, clientSecret } = await seeded();
    const first = await operate((clients) => clients.rotate(clientId, 0, new Date()));
    const second = await operate((clients) => clients.rotate(clientId, 0, new Date(Date.now() + 1_000)));
    const { authenticator, clock } = newAuthenticator();
    clock.advance(2_000);
    const works = [clientSecret, first.clientSecret, second.clientSecret].map((each) =>
      authenticator.authenticate(clientId, each),
    );
    expect((await Promise.all(works)).map((principal) => principal !== null)).toEqual([false, false, true]);
  });

  it('lets one of two rotations at once win', async () => {
    const { clientId } = await seeded();
    const rotate = () => operate((clients) => clients.rotate(clientId, 7, new Date()));
    const results = await Promise.allSettled([rotate(), rotate()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it.each([-1, 31, Number.NaN])('refuses an overlap of %d days', async (days) => {
    await expect(operate((clients) => clients.rotate(newClientId('test'), days, new Date()))).rejects.toThrow(
      '0 to 30',
    );
  });
});

describe('the database', () => {
  it('holds no secret as text', async () => {
    const { clientId, clientSecret } = await seeded();
    const { rows } = await admin.query(`SELECT s::text AS text FROM client_secrets s WHERE client_id = $1`, [clientId]);
    expect(rows).toHaveLength(1);
    expect((rows[0] as { text: string }).text).not.toContain(clientSecret.slice(8, 40));
  });

  it('lets the running gateway read clients and write only when a secret was used, of that tenant', async () => {
    const [one, other] = [await seeded(), await seeded()];
    const asApp = (sql: string, values: unknown[]) => app.withTenant(one.id, (tx) => tx.execute(sql, values));
    const use = 'UPDATE client_secrets SET last_used_at = now() WHERE client_id = $1';
    expect(await asApp(use, [one.clientId])).toBe(1);
    expect(await asApp(use, [other.clientId])).toBe(0);
    await expect(
      asApp(`UPDATE client_secrets SET secret_hmac = '' WHERE client_id = $1`, [one.clientId]),
    ).rejects.toThrow('permission denied');
    await expect(
      asApp(`UPDATE clients SET scopes = '{admin:clock}' WHERE client_id = $1`, [one.clientId]),
    ).rejects.toThrow('permission denied');
    await expect(asApp('DELETE FROM client_secrets WHERE client_id = $1', [one.clientId])).rejects.toThrow(
      'permission denied',
    );
  });

  it('forces row-level security on every table that has a tenant', async () => {
    const { rows } = await admin.query(
      `SELECT relname, relrowsecurity AND relforcerowsecurity AS safe FROM pg_class c
        WHERE relnamespace = 'access'::regnamespace AND relkind = 'r'
          AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id') ORDER BY 1`,
    );
    const tables = ['api_key_secrets', 'api_keys', 'client_secrets', 'clients', 'signature_uses', 'tenants'];
    expect(rows).toEqual(tables.map((relname) => ({ relname, safe: true })));
  });
});

describe('the seed', () => {
  it('changes what differs when it runs again, and works for who may take the worker role', async () => {
    const tenant = newTenant();
    await seedTenants(database.workerUrl, tenant);
    const clientSecret = newClientSecret('test');
    const { adminUrl } = database;
    await seed({ pepper: PEPPER, adminUrl, tenants: [{ ...tenant, name: 'renamed', clientSecret }] }, 'development');
    const { authenticator } = newAuthenticator();
    expect(await authenticator.authenticate(tenant.clientId, clientSecret)).not.toBeNull();
    expect(await authenticator.authenticate(tenant.clientId, tenant.clientSecret)).toBeNull();
    expect(asWorker(adminUrl)).toContain('gateway_worker');
  });

  it.each(['production', undefined])('refuses in %s', async (environment) => {
    await expect(seed({ pepper: PEPPER, workerUrl: database.workerUrl, tenants: [] }, environment)).rejects.toThrow(
      'development',
    );
  });

  it('refuses credentials that the gateway could never accept', async () => {
    const tenants = [newTenant({ clientSecret: 'secret' })];
    await expect(seed({ pepper: PEPPER, workerUrl: database.workerUrl, tenants }, 'development')).rejects.toThrow(
      'checksum',
    );
  });

  it.each([
    ['API key', { apiKey: 'ACME' }],
    ['API secret', { apiSecret: 'secret' }],
    ['partner id', { partnerId: 'a/b' }],
  ])("refuses a partner's %s of another form", async (what, wrong) => {
    const seeding = seedTenants(database.workerUrl, newPartner(wrong));
    await expect(seeding).rejects.toThrow(what);
  });

  it('makes clients whose secret is shown once', async () => {
    const tenant = { id: newId(), name: 'x', currency: 'EUR' };
    const made = await operate(async (clients) => {
      await clients.putTenant(tenant);
      return clients.create({ tenantId: tenant.id, name: 'portal', scopes: ['payments:read'] }, 'live');
    });
    const principal = await newAuthenticator().authenticator.authenticate(made.clientId, made.clientSecret);
    expect(principal).toMatchObject({ tenantId: tenant.id, currency: 'EUR' });
    await eventually(async () => (await secretsOf(made.clientId))[0]?.last_used_at);
  });
});

async function secretsOf(clientId: string) {
  const { rows } = await admin.query<{ slot: number; expires_at: Date | null; last_used_at: Date | null }>(
    'SELECT slot, expires_at, last_used_at FROM client_secrets WHERE client_id = $1 ORDER BY slot',
    [clientId],
  );
  return rows;
}
