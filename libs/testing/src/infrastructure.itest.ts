import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { jetstream } from '@nats-io/jetstream';
import { createTestDatabase } from './postgres.ts';
import type { TestDatabase } from './postgres.ts';
import { startTestNats, testNats } from './nats.ts';
import type { TestNats } from './nats.ts';
import { eventually } from './eventually.ts';

class CreateNotes1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE notes (id int PRIMARY KEY)');
    await runner.query('GRANT SELECT, INSERT ON notes TO payments_app');
  }

  async down(): Promise<void> {}
}

/** As another file may write it: the same name, another table. */
const AnotherNotes = {
  CreateNotes1790000000000: class implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.query('CREATE TABLE other_notes (id int PRIMARY KEY)');
    }

    async down(): Promise<void> {}
  },
}.CreateNotes1790000000000;

describe('a test database', () => {
  let first: TestDatabase;
  let second: TestDatabase;

  beforeAll(async () => {
    [first, second] = await Promise.all([
      createTestDatabase('payments', [CreateNotes1790000000000]),
      createTestDatabase('payments', [CreateNotes1790000000000]),
    ]);
  });

  afterAll(() => Promise.all([first.drop(), second.drop()]));

  const query = async (url: string, text: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  it('is migrated, and no other file sees its rows', async () => {
    await query(first.appUrl, 'INSERT INTO notes VALUES (1)');
    expect(await query(first.adminUrl, 'SELECT id FROM notes')).toEqual([{ id: 1 }]);
    expect(await query(second.appUrl, 'SELECT id FROM notes')).toEqual([]);
  });

  it('gives the service its own logins, which are not the administrator', async () => {
    const [row] = await query(first.workerUrl, `SELECT current_user AS name, current_setting('is_superuser') AS super`);
    expect(row).toEqual({ name: 'payments_worker', super: 'off' });
    await expect(query(first.workerUrl, 'SELECT * FROM notes')).rejects.toThrow('permission denied');
  });

  it('is of the migrations that were asked for, also where another file gives the service others', async () => {
    const other = await createTestDatabase('payments', [AnotherNotes]);
    expect(await query(other.adminUrl, `SELECT to_regclass('other_notes') IS NOT NULL AS own`)).toEqual([
      { own: true },
    ]);
    expect(await query(other.adminUrl, `SELECT to_regclass('notes') IS NULL AS foreign`)).toEqual([{ foreign: true }]);
    await other.drop();
  });
});

describe('the shared broker', () => {
  it('lets a user do what the topology grants and refuses the rest', async () => {
    const connection = await testNats('demo');
    const said: string[] = [];
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') said.push(status.error.message);
    })();
    connection.publish('payment.posted', '{}');
    await connection.flush();
    await eventually(() => said.some((message) => message.includes('Permissions Violation')));
    await connection.close();
  });
});

describe("a test file's own broker", () => {
  let nats: TestNats;

  beforeAll(async () => {
    nats = await startTestNats();
  });

  afterAll(() => nats.stop());

  it('keeps what it stored through a kill', async () => {
    const before = await nats.connect('payments');
    await jetstream(before).publish('payment.posted', '{}', { msgID: 'one' });
    await before.close();
    await nats.kill();
    await nats.restart();
    const after = await nats.connect('payments');
    const again = await jetstream(after).publish('payment.posted', '{}', { msgID: 'one' });
    expect(again).toMatchObject({ stream: 'PAYMENTS', seq: 1, duplicate: true });
    await after.close();
  });

  it('can lose everything', async () => {
    await nats.restart({ loseData: true });
    const connection = await nats.connect('payments');
    await expect(jetstream(connection).publish('payment.posted', '{}')).rejects.toThrow();
    await connection.close();
  });
});
