import { createToyDatabase } from '@quittance/testing/toy-database';
import type { ToyDatabase } from '@quittance/testing/toy-database';
import { createHash } from 'node:crypto';
import { Problem } from '../http/problem.ts';
import { newId } from '../id.ts';
import type { Database } from './database.ts';
import { isDatabaseUnavailable } from './errors.ts';
import { Idempotency } from './idempotency.ts';
import type { GuardedAnswer, GuardedRequest } from './idempotency-keys.ts';
import { createKitTables } from './kit-tables.ts';
import { tenantTable } from './tenant-table.ts';
import type { Tx } from './tx.ts';

interface Charge {
  id: string;
  lines: { amount: string }[];
}

const tables = [
  ...createKitTables('once'),
  'CREATE TABLE charges (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id))',
  ...tenantTable('once', 'charges'),
];

let database: ToyDatabase;
let db: Database;
let idempotency: Idempotency;
let tenantId: string;

beforeAll(async () => {
  database = await createToyDatabase('once', tables);
  db = await database.open({ poolMax: 10 });
  idempotency = new Idempotency(db);
});
afterAll(() => database.drop());
beforeEach(() => (tenantId = newId()));

function request(asked = 'charge 10', { key = 'k', clientId = 'client', tenant = tenantId } = {}): GuardedRequest {
  const fingerprint = createHash('sha256').update(asked).digest();
  return { caller: { tenantId: tenant, clientId }, key, fingerprint, status: 201 };
}

/** The effect: one row, under an id that no two runs share. */
const charge =
  (tenant = tenantId) =>
  async (tx: Tx): Promise<Charge> => {
    const id = newId();
    await tx.execute('INSERT INTO charges VALUES ($1, $2)', [tenant, id]);
    return { id, lines: [{ amount: '25.67' }] };
  };

const effects = async (tenant = tenantId): Promise<string[]> =>
  (await database.sql<{ id: string }>('SELECT id FROM charges WHERE tenant_id = $1', [tenant])).map(({ id }) => id);
const keysStored = () => database.sql('SELECT key FROM idempotency_keys WHERE tenant_id = $1', [tenantId]);

/** What the caller is told: the answer, or the problem's code. */
const outcome = (answer: Promise<GuardedAnswer<Charge>>): Promise<GuardedAnswer<Charge> | string> =>
  answer.catch((error: unknown) => {
    if (error instanceof Problem) return `${error.status} ${error.code}`;
    throw error;
  });

const times = <T>(n: number, make: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: n }, make));

describe('one key, many requests at once', () => {
  it('fifty have one effect; each gets its answer or is told to come back', async () => {
    const answers = await times(50, () => outcome(idempotency.run(request(), charge())));
    const [effect, ...more] = await effects();
    expect(more).toEqual([]);
    const answered = answers.filter((answer) => typeof answer !== 'string');
    expect(answered.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answered.map(({ body }) => body.id))).toEqual(new Set([effect]));
    const refused = answers.filter((answer) => typeof answer === 'string');
    expect(refused).toEqual(refused.map(() => '409 request_in_progress'));
  });

  it('nobody waits for the first: the others are told to come back until it has committed', async () => {
    const working = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const first = idempotency.run(request(), async (tx) => {
      const made = await charge()(tx);
      working.resolve();
      await gate.promise;
      return made;
    });
    await working.promise;
    const early = await times(49, () => outcome(idempotency.run(request(), charge())));
    expect(new Set(early)).toEqual(new Set(['409 request_in_progress']));
    gate.resolve();
    const { body } = await first;
    const late = await times(50, () => idempotency.run(request(), charge()));
    expect(new Set(late.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify({ body, status: 201, replayed: true })]),
    );
    expect(await effects()).toEqual([body.id]);
  });

  it('a caller that is told to come back is told when', async () => {
    const working = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const first = idempotency.run(request(), async (tx) => {
      working.resolve();
      await gate.promise;
      return charge()(tx);
    });
    await working.promise;
    const refused = idempotency.run(request(), charge());
    await expect(refused).rejects.toMatchObject({ status: 409, extra: { retryAfter: 1 } });
    gate.resolve();
    await first;
  });
});

describe('a key used again', () => {
  it('for the same request answers what it answered, status and body', async () => {
    const first = await idempotency.run(request(), charge());
    const again = await idempotency.run({ ...request(), status: 200 }, charge());
    expect(first).toMatchObject({ status: 201, replayed: false });
    expect(again).toEqual({ body: first.body, status: 201, replayed: true });
    expect(await effects()).toEqual([first.body.id]);
  });

  it('for another request is refused, and changes nothing', async () => {
    const first = await idempotency.run(request('charge 10'), charge());
    expect(await outcome(idempotency.run(request('charge 11'), charge()))).toBe('422 idempotency_key_reused');
    expect(await effects()).toEqual([first.body.id]);
  });

  it('by another client or another tenant is another key', async () => {
    const other = newId();
    const answers = await Promise.all([
      idempotency.run(request('a'), charge()),
      idempotency.run(request('b', { clientId: 'client two' }), charge()),
      idempotency.run(request('c', { tenant: other }), charge(other)),
    ]);
    expect(answers.map(({ replayed }) => replayed)).toEqual([false, false, false]);
    expect(await effects()).toHaveLength(2);
    expect(await effects(other)).toHaveLength(1);
  });

  it('without one every request is its own', async () => {
    const bare = { ...request(), key: undefined };
    await idempotency.run(bare, charge());
    await idempotency.run(bare, charge());
    expect(await effects()).toHaveLength(2);
    expect(await keysStored()).toEqual([]);
  });
});

describe('work that does not end well', () => {
  it('the connection dies between the work and the commit: nothing is stored, the retry starts afresh', async () => {
    const dying = idempotency.run(request(), async (tx) => {
      const made = await charge()(tx);
      const [backend] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.sql('SELECT pg_terminate_backend($1, 10000)', [backend!.pid]);
      return made;
    });
    expect(await dying.catch(isDatabaseUnavailable)).toBe(true);
    expect(await effects()).toEqual([]);
    expect(await keysStored()).toEqual([]);
    const retried = await idempotency.run(request(), charge());
    expect(retried).toMatchObject({ status: 201, replayed: false });
    expect(await effects()).toEqual([retried.body.id]);
  });

  it('a rule says no: nothing is stored, so that the same request may be right later', async () => {
    const refused = idempotency.run(request(), async (tx) => {
      await charge()(tx);
      throw Object.assign(new Error('the invoice is paid'), { name: 'DomainError' });
    });
    await expect(refused).rejects.toThrow('the invoice is paid');
    expect(await effects()).toEqual([]);
    expect(await keysStored()).toEqual([]);
    expect(await idempotency.run(request('charge 9'), charge())).toMatchObject({ replayed: false });
  });

  it('a statement of it fails, and the work hides it: the key is not spent on it', async () => {
    const hiding = idempotency.run(request(), async (tx) => {
      const made = await charge()(tx);
      await tx.execute('INSERT INTO charges VALUES ($1, $2)', [tenantId, made.id]).catch(() => undefined);
      return made;
    });
    await expect(hiding).rejects.toThrow('aborted');
    expect(await effects()).toEqual([]);
    expect(await keysStored()).toEqual([]);
  });
});
