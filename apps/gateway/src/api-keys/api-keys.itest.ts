import pg from 'pg';
import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import { Envelope } from '@quittance/service-kit/secrets/envelope';
import { FakeClock } from '@quittance/testing/fake-clock';
import { signedHeaders, STRICT } from '@quittance/testing/partner-api';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { run } from '../api-keys.ts';
import { TRUST_NO_MS, TRUST_YES_MS } from '../clients/directory.ts';
import { withApiKeys } from '../commands.ts';
import { newApiKey } from '../credentials/credential.ts';
import { API_SECRETS_KEY, newPartner, seedTenants } from '../gateway.fixture.ts';
import { migrations } from '../migrations/all.ts';
import { ApiKeyDirectory } from './api-key-directory.ts';
import { ApiKeyRepository } from './api-key.repository.ts';
import type { ApiCredentials, ApiKeysService } from './api-keys.service.ts';
import { SignatureAuthenticator } from './signature-authenticator.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
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

const operate = <T>(work: (keys: ApiKeysService) => Promise<T>) =>
  withApiKeys({ workerUrl: database.workerUrl, apiSecretsKey: API_SECRETS_KEY }, work);

class CountingRepository extends ApiKeyRepository {
  reads = 0;

  override find(...args: Parameters<ApiKeyRepository['find']>) {
    this.reads++;
    return super.find(...args);
  }
}

function newAuthenticator(apiSecretsKey = API_SECRETS_KEY) {
  const clock = new FakeClock(new Date());
  const repository = new CountingRepository();
  const directory = new ApiKeyDirectory(app, repository, new Envelope(apiSecretsKey), clock);
  const skewSeconds = { strict: 60, 'xcover-compat': 300 };
  return { clock, repository, authenticator: new SignatureAuthenticator(directory, clock, skewSeconds) };
}

async function seeded() {
  const partner = newPartner();
  await seedTenants(database.workerUrl, partner);
  return partner;
}

/** A request signed at the time of that clock. */
function requestOf(key: ApiCredentials, now: Date, headers: readonly string[] = ['date']) {
  const signed = { method: 'GET', url: 'http://pay.example/x/' };
  const sent = signedHeaders(key, signed, { date: now.toUTCString(), headers });
  return { method: 'GET', target: '/x/', headers: { host: 'pay.example', ...sent } };
}

describe('authentication by signature', () => {
  it('says who it is, with the partner, and from memory the second time', async () => {
    const partner = await seeded();
    const { authenticator, clock, repository } = newAuthenticator();
    const request = requestOf(partner, clock.now());
    expect(authenticator.recall(request)).toBeUndefined();
    const callers = await Promise.all(Array.from({ length: 10 }, () => authenticator.authenticate(request)));
    expect(callers[0]?.principal).toEqual({
      ...{ tenantId: partner.id, clientId: partner.apiKey, partnerId: 'ACME', currency: 'USD' },
      scopes: ['billing:read', 'billing:write'],
    });
    expect(repository.reads).toBe(1);
    expect(authenticator.recall(request)?.principal).toBe(callers[0]?.principal);
  });

  it('asks for an unknown key once in five seconds, and never for what is no key', async () => {
    const { authenticator, clock, repository } = newAuthenticator();
    const ask = (apiKey: string) => authenticator.authenticate(requestOf({ apiKey, apiSecret: 'x' }, clock.now()));
    const unknown = newApiKey('test');
    expect([await ask(unknown), await ask(unknown), await ask('test-key')]).toEqual([null, null, null]);
    expect(repository.reads).toBe(1);
    clock.advance(TRUST_NO_MS);
    await ask(unknown);
    expect(repository.reads).toBe(2);
  });

  it('does not serve a secret whose key is not configured: our fault, not the partner is told off', async () => {
    const partner = await seeded();
    const { authenticator, clock } = newAuthenticator(`2:${Buffer.alloc(32).toString('base64')}`);
    await expect(authenticator.authenticate(requestOf(partner, clock.now()))).rejects.toThrow('not configured');
  });
});

describe('rotation', () => {
  it('takes both secrets until the old one ends, and refuses a third', async () => {
    const partner = await seeded();
    const { apiKey } = partner;
    const rotated = await operate((keys) => keys.rotate(apiKey, 7, new Date()));
    await expect(operate((keys) => keys.rotate(apiKey, 7, new Date()))).rejects.toThrow('two secrets');
    const { authenticator, clock } = newAuthenticator();
    const accepts = (key: ApiCredentials) => authenticator.authenticate(requestOf(key, clock.now()));
    expect(rotated.apiKey).toBe(apiKey);
    expect([await accepts(partner), await accepts(rotated)]).not.toContain(null);
    clock.advance(7 * DAY_MS + 1000);
    expect([await accepts(partner), (await accepts(rotated)) !== null]).toEqual([null, true]);
  });

  it('lets one of two at once win', async () => {
    const { apiKey } = await seeded();
    const rotate = () => operate((keys) => keys.rotate(apiKey, 0, new Date()));
    const results = await Promise.allSettled([rotate(), rotate(), rotate()]);
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
    const { rows } = await admin.query('SELECT slot FROM api_key_secrets WHERE api_key = $1', [apiKey]);
    expect(rows.length).toBeLessThanOrEqual(2);
  });

  it('ends with a revocation, which running gateways follow within a minute', async () => {
    const partner = await seeded();
    const { authenticator, clock } = newAuthenticator();
    const ask = () => authenticator.authenticate(requestOf(partner, clock.now()));
    expect(await ask()).not.toBeNull();
    await operate((keys) => keys.revoke(partner.apiKey));
    clock.advance(TRUST_YES_MS);
    expect(authenticator.recall(requestOf(partner, clock.now()))).toBeUndefined();
    expect(await ask()).toBeNull();
    await expect(operate((keys) => keys.rotate(partner.apiKey, 7, new Date()))).rejects.toThrow('revoked');
  });
});

describe('used signatures', () => {
  it('are kept for twice the window, and swept by later ones', async () => {
    const partner = await seeded();
    const { authenticator, clock } = newAuthenticator();
    const use = async () => {
      const caller = await authenticator.authenticate(requestOf(partner, clock.now(), STRICT));
      return authenticator.isWhole(caller!, Buffer.alloc(0));
    };
    const kept = async () =>
      (await admin.query('SELECT FROM signature_uses WHERE api_key = $1', [partner.apiKey])).rowCount;
    for (let n = 0; n < 12; n++) expect(await use()).toBe(true);
    expect(await kept()).toBe(12);
    clock.advance(119_000);
    expect([await use(), await kept()]).toEqual([true, 13]);
    clock.advance(2_000);
    for (let n = 0; n < 3; n++) await use();
    // Five of the twelve each time: what is left is in the window.
    expect(await kept()).toBe(4);
  });
});

describe('the database', () => {
  it('holds no secret, and the running gateway changes no key', async () => {
    const partner = await seeded();
    const { rows } = await admin.query<{ text: string; sealed: Buffer }>(
      'SELECT s::text AS text, ciphertext AS sealed FROM api_key_secrets s WHERE api_key = $1',
      [partner.apiKey],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.text).not.toContain(partner.apiSecret.slice(8, 40));
    expect(rows[0]!.sealed.includes(partner.apiSecret.slice(8, 40))).toBe(false);
    const asApp = (sql: string) => app.withTenant(partner.id, (tx) => tx.execute(sql));
    for (const sql of [
      `UPDATE api_keys SET partner_id = 'RIVAL'`,
      `UPDATE api_key_secrets SET expires_at = NULL`,
      'DELETE FROM api_keys',
      `UPDATE signature_uses SET signature = ''`,
    ])
      await expect(asApp(sql)).rejects.toThrow('permission denied');
  });

  it("takes a signature of another tenant's key in no tenant", async () => {
    const [one, other] = [await seeded(), await seeded()];
    const insert = `INSERT INTO signature_uses (tenant_id, api_key, signature, expires_at) VALUES ($1, $2, '', now())`;
    const asOne = (tenantId: string, apiKey: string) =>
      app.withTenant(one.id, (tx) => tx.execute(insert, [tenantId, apiKey]));
    await expect(asOne(other.id, other.apiKey)).rejects.toThrow('row-level security');
    await expect(asOne(one.id, other.apiKey)).rejects.toThrow('signature_uses_key_fk');
  });
});

describe('the command', () => {
  it('makes a key of the strict profile unless it is told another, and says what it does not know', async () => {
    const { id } = await seeded();
    const made = (await operate((keys) =>
      run(keys, 'create', { tenant: id, partner: 'NEW' }, 'live'),
    )) as ApiCredentials;
    const { authenticator, clock } = newAuthenticator();
    expect(await authenticator.authenticate(requestOf(made, clock.now()))).toBeNull();
    const caller = await authenticator.authenticate(requestOf(made, clock.now(), STRICT));
    expect(caller?.principal.partnerId).toBe('NEW');
    const create = (more: Record<string, string>) =>
      operate((keys) => run(keys, 'create', { tenant: id, partner: 'NEW', ...more }, 'live'));
    await expect(create({ profile: 'weak' })).rejects.toThrow('unknown profile: weak');
    await expect(create({ algorithms: 'hmac-sha1' })).rejects.toThrow('unknown algorithms: hmac-sha1');
    await expect(create({ partner: 'a/b' })).rejects.toThrow('--partner');
    await expect(operate((keys) => run(keys, 'rotate', {}, 'live'))).rejects.toThrow('--key is missing');
  });
});
