import { Clock } from '@quittance/service-kit/clock';
import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { randomBytes } from 'node:crypto';
import { WebhooksConfig } from '../config.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { migrations } from '../migrations/all.ts';
import { TenantKeyRepository } from './tenant-key.repository.ts';
import { TenantKeys } from './tenant-keys.ts';

const deployment = new SecretBox(randomBytes(32));
const plain = Buffer.from('what was said');
let database: TestDatabase;
let source: ReturnType<typeof createDataSource>;
let db: Database;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase('webhooks', migrations);
  const options = { url: database.workerUrl, applicationName: 'test', entities: [], poolMax: 4 };
  source = await createDataSource(options).initialize();
  db = new Database(undefined, source);
});
afterAll(async () => {
  await source.destroy();
  await database.drop();
});
beforeEach(async () => {
  tenantId = newId();
  await raiseVersion();
});

const raiseVersion = () =>
  db.tx((tx) =>
    tx.execute(
      `INSERT INTO tenant_configs AS c (tenant_id) VALUES ($1)
       ON CONFLICT (tenant_id) DO UPDATE SET config_version = c.config_version + 1`,
      [tenantId],
    ),
  );
const place = () => ({ tenantId, table: 'messages', column: 'body', rowId: 'row' });

/** As in a process of its own: each use looks at the tenant's version first. */
function processOf() {
  const directory = new EndpointDirectory(deployment, new WebhooksConfig());
  const keys = new TenantKeys(new TenantKeyRepository(), deployment, directory, new Clock());
  return {
    keys,
    async seal(tx: Tx): Promise<Buffer> {
      await directory.refresh(tx, [tenantId]);
      return (await keys.toSeal(tx, [tenantId])).get(tenantId)!.seal(plain, place());
    },
    async open(tx: Tx, body: Buffer): Promise<string | undefined> {
      await directory.refresh(tx, [tenantId]);
      return (await keys.toOpen(tx, [{ tenantId, body }])).get(tenantId)?.open(body, place())?.toString();
    },
  };
}
const opened = (body: Buffer) => db.tx((tx) => processOf().open(tx, body));

describe('a tenant’s keys', () => {
  it('two processes that need the first one at once agree on it', async () => {
    const sealed = await Promise.all([processOf(), processOf()].map((each) => db.tx((tx) => each.seal(tx))));
    for (const body of sealed) expect(await opened(body)).toBe('what was said');
    const rows = await db.tx((tx) => tx.query('SELECT id FROM tenant_keys WHERE tenant_id = $1', [tenantId]));
    expect(rows).toEqual([{ id: 1 }]);
  });

  // Remembered, it would go on sealing what nobody can ever open.
  it('one that was rolled back seals nothing', async () => {
    const process = processOf();
    const undone = db.tx(async (tx) => {
      await process.seal(tx);
      throw new Error('the batch failed');
    });
    await expect(undone).rejects.toThrow('the batch failed');
    expect(await opened(await db.tx((tx) => process.seal(tx)))).toBe('what was said');
  });

  it('one that another process made is found, although no version tells of it', async () => {
    const [one, other] = [processOf(), processOf()];
    await db.tx((tx) => one.seal(tx));
    await db.tx((tx) => other.seal(tx));
    const key = randomBytes(32);
    const placeOfKey = { tenantId, table: 'tenant_keys', column: 'wrapped', rowId: '2' };
    const wrapped = deployment.seal(key.toString('base64'), placeOfKey);
    await db.tx((tx) =>
      tx.execute(
        `INSERT INTO tenant_keys (tenant_id, id, wrapped, key_version, created_at) VALUES ($1, 2, $2, 1, now())`,
        [tenantId, wrapped],
      ),
    );
    const body = new SecretBox(key, 2).sealBytes(plain, place());
    expect(await db.tx((tx) => other.open(tx, body))).toBe('what was said');
  });

  it('a destroyed one opens and seals nothing from the next use on, also where it was in memory', async () => {
    const process = processOf();
    const before = await db.tx((tx) => process.seal(tx));
    const admin = createDataSource({ url: database.adminUrl, applicationName: 'test', entities: [], poolMax: 1 });
    await admin.initialize();
    await admin.query('UPDATE webhooks.tenant_keys SET wrapped = NULL, destroyed_at = now() WHERE tenant_id = $1', [
      tenantId,
    ]);
    await admin.destroy();
    await raiseVersion();
    expect(await db.tx((tx) => process.open(tx, before))).toBeUndefined();
    expect(process.keys.isDestroyed(tenantId, 1)).toBe(true);
    const after = await db.tx((tx) => process.seal(tx));
    expect(after.readUInt16BE(1)).toBe(2);
    expect(await opened(after)).toBe('what was said');
    expect(await opened(before)).toBeUndefined();
  });

  it('the deployment’s key is needed for all of it', async () => {
    const body = await db.tx((tx) => processOf().seal(tx));
    const stranger = new SecretBox(randomBytes(32));
    const keys = new TenantKeys(
      new TenantKeyRepository(),
      stranger,
      new EndpointDirectory(stranger, new WebhooksConfig()),
      new Clock(),
    );
    await expect(db.tx((tx) => keys.toOpen(tx, [{ tenantId, body }]))).rejects.toThrow();
  });
});
