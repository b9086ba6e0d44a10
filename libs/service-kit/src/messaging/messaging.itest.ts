import { jetstream } from '@nats-io/jetstream';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { encode, headersOf } from '@quittance/events/envelope';
import { sampleEvent } from '@quittance/events/samples';
import { sampleOf } from '@quittance/events/catalogue';
import { eventually } from '@quittance/testing/eventually';
import { provisionStreams, startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { headers } from '@nats-io/transport-node';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createDataSource } from '../database/data-source.ts';
import { Database } from '../database/database.ts';
import { createKitTables } from '../database/kit-tables.ts';
import { tenantTable } from '../database/tenant-table.ts';
import type { Tx } from '../database/tx.ts';
import { newId } from '../id.ts';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import type { PatternExtras } from './event-pattern.ts';
import { LeaseLost, takeLease } from './lease.ts';
import { Inbox } from './inbox.ts';
import { NatsLink } from './nats-link.ts';
import { Outbox } from './outbox.ts';
import { PoisonError } from './poison.ts';
import { Relay } from './relay.ts';
import { JetStreamStrategy } from './strategy.ts';

/** A toy consumer: it writes down every sequence that it was handed, in the order of the handing. */
class CreateSeen1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const seen = `CREATE TABLE seen (
      tenant_id uuid NOT NULL, n bigint GENERATED ALWAYS AS IDENTITY, aggregate text NOT NULL,
      sequence int NOT NULL, PRIMARY KEY (tenant_id, n))`;
    for (const sql of [...createKitTables('billing'), seen, ...tenantTable('billing', 'seen')]) await runner.query(sql);
  }

  async down(): Promise<void> {}
}
class CreateKit1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of createKitTables('payments')) await runner.query(sql);
  }

  async down(): Promise<void> {}
}

const tenantId = newId();
let nats: TestNats;
let publisherDatabase: TestDatabase;
let consumerDatabase: TestDatabase;
let publisher: Database;
let consumer: Database;

const open = async ({ workerUrl }: TestDatabase) =>
  new Database(
    undefined,
    await createDataSource({ url: workerUrl, applicationName: 'test', entities: [], poolMax: 5 }).initialize(),
  );

beforeEach(async () => {
  [nats, publisherDatabase, consumerDatabase] = await Promise.all([
    startTestNats(),
    createTestDatabase('payments', [CreateKit1790000000000]),
    createTestDatabase('billing', [CreateSeen1790000000000]),
  ]);
  [publisher, consumer] = await Promise.all([open(publisherDatabase), open(consumerDatabase)]);
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await Promise.all([publisher.close(), consumer.close()]);
  await Promise.all([nats.stop(), publisherDatabase.drop(), consumerDatabase.drop()]);
});

type Handle = (events: QuittanceEvent<'payment.posted'>[], tx: Tx) => Promise<void>;

const writeDown: Handle = async (events, tx) => {
  await tx.execute(
    `INSERT INTO seen (tenant_id, aggregate, sequence) SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[])`,
    [events.map((e) => e.tenantid), events.map((e) => e.subject), events.map((e) => Number(e.sequence))],
  );
};

function startReader(handle: Handle, options: Partial<PatternExtras> & { instanceId?: string } = {}) {
  const { instanceId = 'one', ...extras } = options;
  const link = new NatsLink({ service: 'billing', url: nats.urls.billing });
  const strategy = new JetStreamStrategy({ service: 'billing', instanceId, streams: ['PAYMENTS'], db: consumer, link });
  strategy.addHandler('payment.posted', handle as never, true, {
    group: Symbol('posted'),
    afterDeadLetter: 'hold',
    ...extras,
  });
  strategy.listen(() => undefined);
  const stop = async () => {
    await strategy.close();
    await link.drain();
  };
  cleanups.push(stop);
  return stop;
}

function startRelay() {
  const link = new NatsLink({ service: 'payments', url: nats.urls.payments });
  const relay = new Relay('payments', 'PAYMENTS', publisher, link);
  relay.start();
  cleanups.push(async () => {
    await relay.stop();
    await link.drain();
  });
  return new Outbox('payments', () => relay.kick());
}

const posted = (subject: string, sequence: number) => ({
  type: 'payment.posted' as const,
  tenantId,
  subject,
  sequence,
  data: sampleOf('payment.posted'),
  time: new Date(),
});

/** Publishes past the relay, as a stream would look after a loss. */
async function publishRaw(
  subject: string,
  sequence: number,
  type: 'payment.posted' | 'payment.created' = 'payment.posted',
) {
  const event = {
    ...sampleEvent(type),
    id: newId(),
    tenantid: tenantId,
    subject,
    sequence: String(sequence).padStart(10, '0'),
  };
  const connection = await nats.connect('payments');
  const carried = headers();
  for (const [key, value] of Object.entries(headersOf(event))) carried.set(key, value);
  await jetstream(connection).publish(type, encode(event), { headers: carried });
  await connection.close();
}

async function seen(): Promise<Record<string, number[]>> {
  const rows = await consumer.tx((tx) =>
    tx.query<{ aggregate: string; sequence: number }>('SELECT aggregate, sequence FROM seen ORDER BY n'),
  );
  const result: Record<string, number[]> = {};
  for (const { aggregate, sequence } of rows) (result[aggregate] ??= []).push(sequence);
  return result;
}

/** Waits until `read` answers just that. */
const settles = (read: () => Promise<unknown>, expected: unknown, options = {}) =>
  eventually(async () => {
    expect(await read()).toEqual(expected);
    return true;
  }, options);

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

it('brings every event into effect once and in order, over a broker that dies with messages in flight', async () => {
  const outbox = startRelay();
  startReader(writeDown);
  for (let sequence = 1; sequence <= 60; sequence++) {
    await publisher.tx((tx) => outbox.append(tx, [posted('a', sequence), posted('b', sequence)]));
    if (sequence === 20) await nats.kill();
    if (sequence === 30) await nats.restart();
  }
  await settles(() => seen(), { a: upTo(60), b: upTo(60) }, { timeoutMs: 20_000 });
});

it('reads what it publishes from the log by key, however long the log is', async () => {
  const scanned = async () => {
    const [row] = await publisher.tx(async (tx) => {
      await tx.query('SELECT pg_stat_force_next_flush()');
      return tx.query<{ by_key: number; scanned: number }>(
        `SELECT coalesce(sum(idx_scan), 0)::int AS by_key, coalesce(sum(seq_tup_read), 0)::int AS scanned
           FROM pg_stat_user_tables WHERE relname LIKE 'event_log%'`,
      );
    });
    return row!;
  };
  await publisher.tx((tx) =>
    new Outbox('payments', () => undefined).append(
      tx,
      upTo(3_000).map((n) => posted('long', n)),
    ),
  );
  await publisher.tx((tx) => tx.execute('DELETE FROM outbox_queue'));
  const outbox = startRelay();
  for (const n of upTo(20)) await publisher.tx((tx) => outbox.append(tx, [posted('short', n)]));
  await eventually(async () => (await scanned()).by_key >= 20);
  expect((await scanned()).scanned).toBe(0);
});

it('parks an event until its predecessor has come, past types it does not consume', async () => {
  startReader(writeDown);
  await publishRaw('gap', 3);
  await publishRaw('gap', 4);
  await publishRaw('other', 1);
  await settles(() => seen(), { other: [1] });
  await publishRaw('gap', 1, 'payment.created');
  await publishRaw('gap', 2);
  await settles(() => seen(), { other: [1], gap: [2, 3, 4] });
});

it('notices a broker that lost its data, fills the new streams from the log, and doubles nothing', async () => {
  const outbox = startRelay();
  const stop = startReader(writeDown);
  await publisher.tx((tx) =>
    outbox.append(
      tx,
      upTo(10).map((n) => posted('a', n)),
    ),
  );
  await settles(() => seen(), { a: upTo(10) });
  await stop();
  await publisher.tx((tx) => outbox.append(tx, [posted('a', 11), posted('late', 1)]));
  await settles(
    () => publisher.tx((tx) => tx.query('SELECT count(*)::int AS queued FROM outbox_queue')),
    [{ queued: 0 }],
  );
  await nats.restart({ loseData: true });
  await provisionStreams(nats.urls);
  await publisher.tx((tx) => outbox.append(tx, [posted('late', 2)]));
  startReader(writeDown);
  await settles(() => seen(), { a: upTo(11), late: [1, 2] }, { timeoutMs: 20_000 });
  const [state] = await publisher.tx((tx) =>
    tx.query<{ amnesia_detected_at: Date | null }>('SELECT amnesia_detected_at FROM relay_state'),
  );
  expect(state?.amnesia_detected_at).toBeInstanceOf(Date);
});

describe('a poison event', () => {
  const failing =
    (error: Error): Handle =>
    (events, tx) =>
      events.some((event) => event.subject === 'bad' && Number(event.sequence) === 1 && !healed)
        ? Promise.reject(error)
        : writeDown(events, tx);
  let healed = false;
  beforeEach(() => (healed = false));

  const someLetters = (letters: DeadLetterDesk, options = {}) =>
    eventually(async () => {
      const list = await letters.list();
      return list.length > 0 ? list : undefined;
    }, options);

  const desk = async () => {
    const connection = await nats.connect('provisioner');
    cleanups.push(() => connection.close());
    return new DeadLetterDesk(connection, () => consumer);
  };

  it('goes to the dead letters with its reason; others go on, its own aggregate waits for the replay', async () => {
    startReader(failing(new PoisonError('policy_conflict')));
    for (const [subject, sequence] of [
      ['bad', 1],
      ['good', 1],
      ['bad', 2],
      ['good', 2],
    ] as const) {
      await publishRaw(subject, sequence);
    }
    await settles(() => seen(), { good: [1, 2] });
    const letters = await desk();
    const [letter] = await someLetters(letters);
    expect(letter).toMatchObject({
      service: 'billing',
      stream: 'PAYMENTS',
      subject: 'payment.posted',
      reason: 'policy_conflict',
    });
    healed = true;
    expect(await letters.replay(letter!.seq)).toBe(true);
    await settles(() => seen(), { good: [1, 2], bad: [1, 2] });
    expect(await letters.list()).toEqual([]);
  });

  it('lets the aggregate go on once it is discarded', async () => {
    startReader(failing(new PoisonError('no use')));
    await publishRaw('bad', 1);
    await publishRaw('bad', 2);
    const letters = await desk();
    const [letter] = await someLetters(letters);
    await letters.discard(letter!.seq);
    await settles(() => seen(), { bad: [2] });
  });

  it('becomes a dead letter again when its replay fails too, and can be replayed once more', async () => {
    startReader(failing(new PoisonError('policy_conflict')));
    await publishRaw('bad', 1);
    const letters = await desk();
    const [first] = await someLetters(letters);
    await letters.replay(first!.seq);
    const again = async () => (await letters.list()).map(({ seq, reason }) => ({ isNew: seq > first!.seq, reason }));
    await settles(again, [{ isNew: true, reason: 'policy_conflict' }]);
    healed = true;
    const [second] = await letters.list();
    expect(await letters.replay(second!.seq)).toBe(true);
    await settles(() => seen(), { bad: [1] });
  });

  it('does not hold up its aggregate where notifications may go on', async () => {
    startReader(failing(new PoisonError('no use')), { afterDeadLetter: 'continue' });
    await publishRaw('bad', 1);
    await publishRaw('bad', 2);
    await settles(() => seen(), { bad: [2] });
    const letters = await desk();
    const [letter] = await someLetters(letters);
    healed = true;
    expect(await letters.replay(letter!.seq)).toBe(true);
    await settles(() => seen(), { bad: [2, 1] });
  });

  it('is given up after five failures of its own handler, though the process restarts in between', async () => {
    let calls = 0;
    const counting: Handle = (events, tx) => {
      if (events.some(({ subject }) => subject === 'bad')) calls += events.length === 1 ? 1 : 0;
      return failing(new Error('the ledger is closed'))(events, tx);
    };
    await publishRaw('bad', 1);
    const stop = startReader(counting);
    await eventually(() => calls >= 2);
    await stop();
    startReader(counting);
    const letters = await desk();
    const [letter] = await someLetters(letters, { timeoutMs: 25_000 });
    expect(letter?.reason).toBe('the ledger is closed');
  });

  it('that is no event at all is set aside with the attribute that is wrong', async () => {
    startReader(writeDown);
    const connection = await nats.connect('payments');
    await jetstream(connection).publish('payment.posted', JSON.stringify({ specversion: '1.0', id: 'x' }));
    await connection.close();
    const letters = await desk();
    await settles(async () => (await letters.list()).map(({ reason }) => reason), ['data: must be a JSON object']);
  });
});

describe('the lease', () => {
  it('lets one reader work while the other stands by, and hands over at once when the first ends', async () => {
    const stop = startReader(writeDown, { instanceId: 'one' });
    await publishRaw('a', 1);
    await settles(() => seen(), { a: [1] });
    startReader(writeDown, { instanceId: 'two' });
    await publishRaw('a', 2);
    await settles(() => seen(), { a: [1, 2] });
    const owner = async () =>
      (await consumer.tx((tx) => tx.query<{ owner: string }>('SELECT owner FROM consumer_leases')))[0];
    expect(await owner()).toEqual({ owner: 'one' });
    await stop();
    await publishRaw('a', 3);
    await settles(() => seen(), { a: [1, 2, 3] });
    expect(await owner()).toEqual({ owner: 'two' });
  });

  it('fences a reader that lost it: nothing of its batch is committed', async () => {
    const first = await takeLease(consumer, 'PAYMENTS', { owner: 'one', restarted: true });
    const second = await takeLease(consumer, 'PAYMENTS', { owner: 'one', restarted: true });
    expect(second).toBeDefined();
    const event = { ...sampleEvent('payment.posted'), id: newId(), tenantid: tenantId };
    const batch = consumer.tx((tx) => new Inbox(tx, first!).open([{ event, handled: true }]));
    await expect(batch).rejects.toThrow(LeaseLost);
    const rows = await consumer.tx((tx) => tx.query('SELECT 1 AS one FROM inbox'));
    expect(rows).toEqual([]);
  });

  it('is not taken by another while it holds', async () => {
    await takeLease(consumer, 'PAYMENTS', { owner: 'one', restarted: true });
    expect(await takeLease(consumer, 'PAYMENTS', { owner: 'two', restarted: true })).toBeUndefined();
    expect(await takeLease(consumer, 'PAYMENTS', { owner: 'one', restarted: false })).toBeUndefined();
  });
});
