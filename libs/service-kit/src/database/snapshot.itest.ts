import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { createDataSource } from './data-source.ts';
import { Database } from './database.ts';
import { tenantTable } from './tenant-table.ts';
import type { Tx } from './tx.ts';

class CreateNotes1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE notes (tenant_id uuid, id int, PRIMARY KEY (tenant_id, id))');
    for (const sql of tenantTable('payments', 'notes')) await runner.query(sql);
  }

  async down(): Promise<void> {}
}

const tenantId = randomUUID();
const count = async (tx: Tx): Promise<number> => (await tx.query('SELECT id FROM notes')).length;
const insert = (tx: Tx, id: number): Promise<number> => tx.execute('INSERT INTO notes VALUES ($1, $2)', [tenantId, id]);

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase('payments', [CreateNotes1790000000000]);
  const source = createDataSource({ url: database.appUrl, applicationName: 'test', entities: [], poolMax: 2 });
  db = new Database(await source.initialize(), undefined);
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

describe('a snapshot', () => {
  it('sees one moment, while an ordinary transaction sees what was committed meanwhile', async () => {
    const readTwice = (id: number) => async (tx: Tx) => {
      const before = await count(tx);
      await db.withTenant(tenantId, (other) => insert(other, id));
      return (await count(tx)) - before;
    };
    expect(await db.snapshot(tenantId, readTwice(1))).toBe(0);
    expect(await db.withTenant(tenantId, readTwice(2))).toBe(1);
  });

  it('sees its tenant alone', async () => {
    expect(await db.snapshot(randomUUID(), count)).toBe(0);
    expect(await db.snapshot(tenantId, count)).toBe(2);
  });

  it('writes nothing', async () => {
    await expect(db.snapshot(tenantId, (tx) => insert(tx, 3))).rejects.toThrow('read-only transaction');
  });
});
