import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createDataSource } from '../database/data-source.ts';
import { Database } from '../database/database.ts';
import { createKitTables } from '../database/kit-tables.ts';
import { newId } from '../id.ts';
import { metrics } from '../telemetry/metrics.ts';
import { tellBacklog } from './backlog.ts';

class CreateKit1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of createKitTables('payments')) await runner.query(sql);
  }

  async down(): Promise<void> {}
}

let database: TestDatabase;
let admin: pg.Client;
let db: Database;
const ends: (() => void)[] = [];

beforeAll(async () => {
  database = await createTestDatabase('payments', [CreateKit1790000000000]);
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  db = await open();
});
afterAll(async () => {
  for (const end of ends) end();
  await Promise.all([admin.end(), db.close()]);
  await database.drop();
});

const open = async () => {
  const source = createDataSource({ url: database.workerUrl, applicationName: 'test', entities: [], poolMax: 2 });
  return new Database(undefined, await source.initialize());
};

/** As a service that has just started: nothing is cached. */
function scraped(of: Database = db): () => Promise<Record<string, number>> {
  ends.push(tellBacklog(of));
  return async () => {
    const text = await metrics.registry.metrics();
    return Object.fromEntries([...text.matchAll(/^(outbox_\w+|inbox_\w+) (\S+)$/gm)].map((m) => [m[1], Number(m[2])]));
  };
}

it('is zero when nothing waits', async () => {
  expect(await scraped()()).toEqual({ outbox_queue_rows: 0, outbox_oldest_seconds: 0, inbox_parked_oldest_seconds: 0 });
});

it('tells how many events wait and for how long, and asks again only after a while', async () => {
  await admin.query(`INSERT INTO outbox_queue (seq, logged_at) VALUES (7, now() - interval '90 s'), (9, now())`);
  await admin.query(
    `INSERT INTO inbox_parked (tenant_id, stream, aggregate, sequence, id, subject, body, parked_at)
     VALUES ($1, 'BILLING', 'a', 3, $1, 'instalment.due', '', now() - interval '1 hour')`,
    [newId()],
  );
  const scrape = scraped();
  const first = await scrape();
  expect(first['outbox_queue_rows']).toBe(2);
  expect(Math.floor(first['outbox_oldest_seconds'] ?? 0)).toBe(90);
  expect(Math.floor(first['inbox_parked_oldest_seconds'] ?? 0)).toBe(3600);
  await admin.query('DELETE FROM outbox_queue');
  expect(await scrape()).toEqual(first);
  expect((await scraped()())['outbox_queue_rows']).toBe(0);
});

it('is unknown, and no failed scrape, when the database does not answer', async () => {
  const closed = await open();
  await closed.close();
  const unknown = await scraped(closed)();
  expect(Object.values(unknown)).toEqual([NaN, NaN, NaN]);
});
