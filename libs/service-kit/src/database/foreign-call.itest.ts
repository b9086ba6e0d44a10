import { createToyDatabase } from '@quittance/testing/toy-database';
import type { ToyDatabase } from '@quittance/testing/toy-database';
import { createHash } from 'node:crypto';
import { Problem } from '../http/problem.ts';
import { newId } from '../id.ts';
import { Idempotency } from './idempotency.ts';
import type { ForeignCall } from './idempotency.ts';
import type { GuardedAnswer, GuardedRequest } from './idempotency-keys.ts';
import { createKitTables } from './kit-tables.ts';
import { tenantTable } from './tenant-table.ts';

/** What is begun here is asked of a provider, and counts when its reference is stored. */
interface Effect {
  id: string;
  ref: string;
}

const tables = [
  ...createKitTables('across'),
  'CREATE TABLE effects (tenant_id uuid, id uuid, ref text, PRIMARY KEY (tenant_id, id))',
  ...tenantTable('across', 'effects'),
];

let database: ToyDatabase;
let idempotency: Idempotency;
beforeAll(async () => {
  database = await createToyDatabase('across', tables);
  idempotency = new Idempotency(await database.open({ name: 'across', poolMax: 10 }));
});
afterAll(() => database.drop());

/** Somebody outside, who does a thing once for each id and says how often he was asked. */
class Provider {
  readonly done = new Map<string, string>();
  asked = 0;
  /** What happens between the effect and its answer. */
  onTheWayBack: () => Promise<void> = () => Promise.resolve();

  async ask(id: string): Promise<string> {
    this.asked++;
    if (!this.done.has(id)) this.done.set(id, `ref-${this.done.size + 1}`);
    const ref = this.done.get(id)!;
    await this.onTheWayBack();
    return ref;
  }
}

let tenantId: string;
let provider: Provider;
let begun: string[];
let resumed: string[];
beforeEach(() => {
  tenantId = newId();
  provider = new Provider();
  begun = [];
  resumed = [];
});

const LEASE_MS = 60_000;

const errand = (): ForeignCall<string, string, Effect> => ({
  leaseMs: LEASE_MS,
  async begin(tx, operationId) {
    begun.push(operationId);
    await tx.execute('INSERT INTO effects VALUES ($1, $2, NULL)', [tenantId, operationId]);
    return operationId;
  },
  async resume(tx, operationId) {
    resumed.push(operationId);
    const [row] = await tx.query<{ id: string }>('SELECT id FROM effects WHERE id = $1', [operationId]);
    return row!.id;
  },
  call: (id) => provider.ask(id),
  async finish(tx, id, ref) {
    await tx.execute('UPDATE effects SET ref = $2 WHERE id = $1', [id, ref]);
    return { id, ref };
  },
});

function request(asked = 'charge 10'): GuardedRequest {
  const fingerprint = createHash('sha256').update(asked).digest();
  return { caller: { tenantId, clientId: 'client' }, key: 'k', fingerprint, status: 201 };
}

const send = (asked?: string, work = errand()) => idempotency.across(request(asked), () => work);

const outcome = (answer: Promise<GuardedAnswer<Effect>>): Promise<GuardedAnswer<Effect> | string> =>
  answer.catch((error: unknown) => {
    if (error instanceof Problem) return `${error.status} ${error.code}`;
    throw error;
  });

const effects = () => database.sql<Effect>('SELECT id, ref FROM effects WHERE tenant_id = $1', [tenantId]);
const keys = () =>
  database.sql<{ state: string; attempt: number }>('SELECT state, attempt FROM idempotency_keys WHERE tenant_id = $1', [
    tenantId,
  ]);
const leaseEnds = () =>
  database.sql(`UPDATE idempotency_keys SET lease_until = now() - interval '1 second' WHERE tenant_id = $1`, [
    tenantId,
  ]);

/** The request's process dies when its answer is on the way. */
async function dyingOnTheWayBack(): Promise<void> {
  provider.onTheWayBack = () => Promise.reject(new Error('kill -9'));
  await expect(send()).rejects.toThrow('kill -9');
  provider.onTheWayBack = () => Promise.resolve();
}

describe('one key', () => {
  it('fifty at once begin once, ask once and finish once; each gets the answer or is told to come back', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => outcome(send())));
    expect([begun.length, provider.asked, (await effects()).length]).toEqual([1, 1, 1]);
    const answered = answers.filter((answer) => typeof answer !== 'string');
    expect(answered.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answered.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const refused = answers.filter((answer) => typeof answer === 'string');
    expect(refused).toEqual(refused.map(() => '409 request_in_progress'));
  });

  it('is answered for ever as it was first, without preparing or asking anything', async () => {
    const first = await send();
    const prepared: string[] = [];
    const again = await idempotency.across({ ...request(), status: 200 }, () => {
      prepared.push('again');
      return errand();
    });
    expect(again).toEqual({ body: first.body, status: 201, replayed: true });
    expect([provider.asked, prepared]).toEqual([1, []]);
  });

  it('with another request is refused, while the first runs, after its lease, and after its answer', async () => {
    await dyingOnTheWayBack();
    expect(await outcome(send('charge 11'))).toBe('422 idempotency_key_reused');
    await leaseEnds();
    expect(await outcome(send('charge 11'))).toBe('422 idempotency_key_reused');
    await send();
    expect(await outcome(send('charge 11'))).toBe('422 idempotency_key_reused');
    expect(begun).toHaveLength(1);
  });

  it('nobody who is asked holds a transaction open', async () => {
    const open = `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'across' AND xact_start IS NOT NULL`;
    const seen: object[][] = [];
    provider.onTheWayBack = async () => void seen.push(await database.sql(open));
    await send();
    expect(seen).toEqual([[]]);
  });
});

describe('a process that dies', () => {
  it('in the call: a retry is told to come back, then resumes what was begun under the same id', async () => {
    await dyingOnTheWayBack();
    const early = send();
    await expect(early).rejects.toMatchObject({ status: 409, extra: { retryAfter: 1 } });
    await leaseEnds();
    const late = await send();
    expect(late).toEqual({ body: { id: begun[0], ref: 'ref-1' }, status: 201, replayed: false });
    expect([begun.length, resumed, provider.asked, provider.done.size]).toEqual([1, begun, 2, 1]);
    expect(await keys()).toEqual([{ state: 'done', attempt: 2 }]);
  });

  it('in the last transaction: nothing of it is there, and a retry finishes it', async () => {
    const failing = { ...errand(), finish: () => Promise.reject(new Error('no connection')) };
    await expect(send(undefined, failing)).rejects.toThrow('no connection');
    expect(await keys()).toEqual([{ state: 'started', attempt: 1 }]);
    await leaseEnds();
    const { body } = await send();
    expect(await effects()).toEqual([body]);
  });

  it('before it has begun: nothing is stored, and the same key may ask for something that is allowed', async () => {
    const refusing = { ...errand(), begin: () => Promise.reject(new Error('a rule says no')) };
    await expect(send('charge 10', refusing)).rejects.toThrow('a rule says no');
    expect(await keys()).toEqual([]);
    expect((await send('charge 9')).replayed).toBe(false);
  });

  // The fencing token: a paused process wakes up and believes that it still works on the key.
  it('not, but comes back after another took over: it writes nothing, and there is one answer', async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    provider.onTheWayBack = () => {
      asked.resolve();
      return gate.promise;
    };
    const paused = outcome(send());
    await asked.promise;
    provider.onTheWayBack = () => Promise.resolve();
    await leaseEnds();
    const { body } = await send();
    gate.resolve();
    expect(await paused).toBe('409 request_in_progress');
    expect((await send()).body).toEqual(body);
    expect(await effects()).toEqual([body]);
  });
});

it('without a key walks the same way and stores no key', async () => {
  const bare = { ...request(), key: undefined };
  const { body, replayed } = await idempotency.across(bare, errand);
  expect(replayed).toBe(false);
  expect(await effects()).toEqual([body]);
  expect(await keys()).toEqual([]);
});
