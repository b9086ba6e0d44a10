import { createToyDatabase } from '@quittance/testing/toy-database';
import type { ToyDatabase } from '@quittance/testing/toy-database';
import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { newId } from '../id.ts';
import { createDataSource } from './data-source.ts';
import { Database } from './database.ts';
import { isDatabaseUnavailable } from './errors.ts';
import { tenantTable } from './tenant-table.ts';
import type { Tx } from './tx.ts';

const tables = [
  `CREATE TABLE notes (
     tenant_id uuid, id int, amount_minor bigint, day date, at timestamptz, PRIMARY KEY (tenant_id, id))`,
  ...tenantTable('transactions', 'notes'),
];

let database: ToyDatabase;
/** One connection a role: whatever a transaction leaves behind, the next one finds. */
let db: Database;
let tenantId: string;

beforeAll(async () => {
  database = await createToyDatabase('transactions', tables);
  db = await database.open({ poolMax: 1 });
});
afterAll(() => database.drop());
beforeEach(() => (tenantId = newId()));

const insert = (tx: Tx, id: number) => tx.execute('INSERT INTO notes (tenant_id, id) VALUES ($1, $2)', [tenantId, id]);
const ids = async (): Promise<number[]> => {
  const found = await database.sql<{ id: number }>('SELECT id FROM notes WHERE tenant_id = $1 ORDER BY id', [tenantId]);
  return found.map(({ id }) => id);
};
const pidOf = async (tx: Tx) => (await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]!.pid;
const fail = (tx: Tx, state: string) =>
  tx.execute(`DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '${state}'; END $$`);

describe('a transaction', () => {
  it('commits what its work did, and takes it back when the work throws', async () => {
    expect(await db.withTenant(tenantId, (tx) => insert(tx, 1))).toBe(1);
    const failing = db.withTenant(tenantId, async (tx) => {
      await insert(tx, 2);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await ids()).toEqual([1]);
  });

  it('fails loudly when a statement failed that nobody waited for', async () => {
    const careless = db.withTenant(tenantId, async (tx) => {
      await insert(tx, 1);
      void insert(tx, 1).catch(() => undefined);
    });
    await expect(careless).rejects.toThrow('rolled back');
    expect(await ids()).toEqual([]);
  });

  it('answers the columns as documented: bigint as text, date as text, timestamptz as Date', async () => {
    const values = [tenantId, 1, '9223372036854775807', '2026-03-29', '2026-03-29T01:30:00.123Z'];
    const row = await db.withTenant(tenantId, async (tx) => {
      await tx.execute('INSERT INTO notes VALUES ($1, $2, $3, $4, $5)', values);
      return tx.query('SELECT amount_minor, day, at FROM notes');
    });
    const at = new Date('2026-03-29T01:30:00.123Z');
    expect(row).toEqual([{ amount_minor: '9223372036854775807', day: '2026-03-29', at }]);
  });

  it('is two round trips: BEGIN, the tenant and the statements sent together, then COMMIT', async () => {
    const counting = await countWrites(database.appUrl);
    const source = await createDataSource({
      ...counting,
      applicationName: 'test',
      entities: [],
      poolMax: 1,
    }).initialize();
    const counted = new Database(source, undefined);
    const work = (id: number) =>
      counted.withTenant(tenantId, (tx) => Promise.all([insert(tx, id), insert(tx, id + 1)]));
    await work(1);
    counting.reset();
    await work(3);
    expect(counting.writes()).toBe(2);
    expect(await ids()).toEqual([1, 2, 3, 4]);
    await counted.close();
    await counting.stop();
  });
});

/** A way to the server that counts what the client sends, write by write. */
async function countWrites(url: string) {
  const target = new URL(url);
  let count = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    client.on('data', () => (count += 1));
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const counted = new URL(url);
  counted.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: counted.href,
    writes: () => count,
    reset: () => (count = 0),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe('a serialization failure', () => {
  it.each(['40001', '40P01'])('%s is tried again, four times at most', async (state) => {
    let attempts = 0;
    const work = async (tx: Tx) => {
      attempts += 1;
      await insert(tx, attempts);
      if (attempts < 3) await fail(tx, state);
    };
    await db.withTenant(tenantId, work);
    expect([attempts, await ids()]).toEqual([3, [3]]);
    attempts = -10;
    await expect(db.withTenant(tenantId, work)).rejects.toThrow('made up');
    expect(attempts).toBe(-6);
  });

  it('any other failure is not tried again', async () => {
    let attempts = 0;
    const work = (tx: Tx) => ((attempts += 1), fail(tx, '23514'));
    await expect(db.withTenant(tenantId, work)).rejects.toThrow('made up');
    expect(attempts).toBe(1);
  });

  it('two that wait for each other both end well', async () => {
    const wide = await database.open();
    await wide.withTenant(tenantId, (tx) => Promise.all([insert(tx, 1), insert(tx, 2)]));
    const held = { first: Promise.withResolvers<void>(), second: Promise.withResolvers<void>() };
    const raise = 'UPDATE notes SET amount_minor = coalesce(amount_minor, 0) + 1 WHERE tenant_id = $1 AND id = $2';
    let attempts = 0;
    const inOrder = (order: readonly [number, number], mine: 'first' | 'second', other: 'first' | 'second') =>
      wide.withTenant(tenantId, async (tx) => {
        attempts += 1;
        await tx.execute(raise, [tenantId, order[0]]);
        held[mine].resolve();
        await held[other].promise;
        await tx.execute(raise, [tenantId, order[1]]);
      });
    await Promise.all([inOrder([1, 2], 'first', 'second'), inOrder([2, 1], 'second', 'first')]);
    expect(attempts).toBe(3);
    const amounts = await database.sql('SELECT amount_minor FROM notes WHERE tenant_id = $1', [tenantId]);
    expect(amounts).toEqual([{ amount_minor: '2' }, { amount_minor: '2' }]);
  });
});

describe('after the commit', () => {
  it('an action runs once, and what it tells of can be seen by others', async () => {
    const seen: Promise<number[]>[] = [];
    const action = () => void seen.push(ids());
    await db.withTenant(tenantId, async (tx) => {
      tx.afterCommit(action);
      tx.afterCommit(action);
      await insert(tx, 1);
      expect(seen).toEqual([]);
    });
    expect(await Promise.all(seen)).toEqual([[1]]);
  });

  it('none runs where nothing was committed: the work threw, or the commit itself failed', async () => {
    const action = jest.fn();
    const failing = (last: (tx: Tx) => Promise<unknown> | undefined) =>
      db.withTenant(tenantId, async (tx) => {
        tx.afterCommit(action);
        await last(tx);
      });
    await expect(failing((tx) => fail(tx, '23514'))).rejects.toThrow('made up');
    await expect(failing((tx) => void fail(tx, '23514').catch(() => undefined))).rejects.toThrow('rolled back');
    expect(action).not.toHaveBeenCalled();
  });

  it('stands though what was to be done after it fails, and the rest is done', async () => {
    Logger.overrideLogger(false);
    const done: string[] = [];
    const answer = await db.withTenant(tenantId, (tx) => {
      tx.afterCommit(() => {
        throw new Error('no');
      });
      tx.afterCommit(() => done.push('next'));
      return Promise.resolve('committed');
    });
    expect([answer, ...done]).toEqual(['committed', 'next']);
  });

  it('of work that was tried again, only the attempt that committed has its actions run', async () => {
    const runs: number[] = [];
    let attempts = 0;
    await db.withTenant(tenantId, async (tx) => {
      const attempt = (attempts += 1);
      tx.afterCommit(() => runs.push(attempt));
      if (attempt < 3) await fail(tx, '40001');
    });
    expect(runs).toEqual([3]);
  });
});

describe('a transaction that is stuck', () => {
  const limit = (tx: Tx, name: string) => tx.query(`SELECT set_config('${name}', '50ms', true)`);

  it('has limits by its role, which no connection string can forget', async () => {
    const names = ['statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'];
    const settings = async (tx: Tx) =>
      (
        await tx.query<{ setting: string }>('SELECT current_setting(n) AS setting FROM unnest($1::text[]) n', [names])
      ).map(({ setting }) => setting);
    expect(await db.withTenant(tenantId, settings)).toEqual(['5s', '10s', '50s']);
    expect(await db.tx(settings)).toEqual(['30s', '10s', '50s']);
  });

  it('in a statement is ended with an error, and the connection serves on', async () => {
    const before = await db.withTenant(tenantId, pidOf);
    const stuck = db.withTenant(tenantId, async (tx) => {
      await limit(tx, 'statement_timeout');
      await tx.query('SELECT pg_sleep(60)');
    });
    await expect(stuck).rejects.toMatchObject({ code: '57014' });
    expect(await db.withTenant(tenantId, pidOf)).toBe(before);
  });

  it('between its statements is ended too, and its connection is not used again', async () => {
    let stuckOn = 0;
    const stuck = db.withTenant(tenantId, async (tx) => {
      stuckOn = await pidOf(tx);
      await insert(tx, 1);
      await limit(tx, 'idle_in_transaction_session_timeout');
      // The server's own time, on another connection.
      await database.sql('SELECT pg_sleep(0.5)');
      await insert(tx, 2);
    });
    expect(await stuck.catch(isDatabaseUnavailable)).toBe(true);
    expect(await ids()).toEqual([]);
    expect(await db.withTenant(tenantId, pidOf)).not.toBe(stuckOn);
  });
});

describe('a connection', () => {
  it('that broke in the middle of a transaction is not used again', async () => {
    let broken = 0;
    const dying = db.withTenant(tenantId, async (tx) => {
      broken = await pidOf(tx);
      await insert(tx, 1);
      await database.sql('SELECT pg_terminate_backend($1, 10000)', [broken]);
      await insert(tx, 2);
    });
    expect(await dying.catch(isDatabaseUnavailable)).toBe(true);
    expect(await db.withTenant(tenantId, pidOf)).not.toBe(broken);
    expect(await ids()).toEqual([]);
  });

  it('that broke between two transactions is replaced, at the latest after one error', async () => {
    const idle = await db.withTenant(tenantId, pidOf);
    await database.sql('SELECT pg_terminate_backend($1, 10000)', [idle]);
    const next = () => db.withTenant(tenantId, pidOf);
    expect(await next().catch(next)).not.toBe(idle);
  });
});
