// The same check over the product and over three plausible designs that are wrong: what cannot fail proves nothing.
import { jetstream } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import { sampleOf } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { eventually } from '@quittance/testing/eventually';
import { auditFacts, clean } from '@quittance/testing/fact-audit';
import type { Change } from '@quittance/testing/fact-audit';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { storedMessages } from '@quittance/testing/stored-messages';
import { createToyDatabase } from '@quittance/testing/toy-database';
import type { ToyDatabase } from '@quittance/testing/toy-database';
import pg from 'pg';
import type { Database } from '../database/database.ts';
import { createKitTables } from '../database/kit-tables.ts';
import type { Tx } from '../database/tx.ts';
import { newId } from '../id.ts';
import { NatsLink } from './nats-link.ts';
import { Outbox } from './outbox.ts';
import { Relay } from './relay.ts';
import { JetStreamStrategy } from './strategy.ts';

const WRITERS = 10;
const aggregates = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const tenantId = newId();
type Posted = QuittanceEvent<'payment.posted'>;

const producing = [
  ...createKitTables('facts'),
  'CREATE TABLE aggregates (id text PRIMARY KEY, version int NOT NULL DEFAULT 0)',
  'CREATE TABLE facts (n bigint GENERATED ALWAYS AS IDENTITY, fact uuid PRIMARY KEY, aggregate text, version int)',
  'GRANT SELECT, INSERT, UPDATE ON aggregates, facts TO facts_worker',
  `INSERT INTO aggregates (id) SELECT unnest('{${aggregates.join()}}'::text[])`,
];
const consuming = [
  ...createKitTables('effects'),
  'CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, fact uuid, aggregate text, version int)',
  'GRANT INSERT ON effects TO effects_worker',
];

let nats: TestNats;
let facts: ToyDatabase;
let effects: ToyDatabase;
let writer: Database;
let consumer: Database;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  [nats, facts, effects] = await Promise.all([
    startTestNats(),
    createToyDatabase('facts', producing),
    createToyDatabase('effects', consuming),
  ]);
  [writer, consumer] = await Promise.all([facts.open({ poolMax: WRITERS }), effects.open()]);
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await Promise.all([nats.stop(), facts.drop(), effects.drop()]);
});

/** Writes one change and its event; the aggregate stays locked until the transaction of the caller ends. */
async function change(tx: Tx, outbox: Outbox, aggregate: string): Promise<void> {
  const raise = 'UPDATE aggregates SET version = version + 1 WHERE id = $1 RETURNING version';
  const [row] = await tx.query<{ version: number }>(raise, [aggregate]);
  const [fact, version] = [newId(), row!.version];
  const data = { ...sampleOf('payment.posted'), displayId: fact };
  const event = { type: 'payment.posted' as const, tenantId, subject: aggregate, sequence: version, data };
  await Promise.all([
    tx.execute('INSERT INTO facts (fact, aggregate, version) VALUES ($1, $2, $3)', [fact, aggregate, version]),
    outbox.append(tx, [{ ...event, time: new Date() }]),
  ]);
}

const changeOf = (event: Posted): Change => ({
  fact: event.data.displayId,
  aggregate: event.subject,
  version: Number(event.sequence),
});

const takeEffect = (events: readonly Posted[], tx: Tx) =>
  tx.execute(
    `INSERT INTO effects (fact, aggregate, version)
     SELECT * FROM jsonb_to_recordset($1) AS e (fact uuid, aggregate text, version int)`,
    [JSON.stringify(events.map(changeOf))],
  );

function startConsumer(): void {
  const link = new NatsLink({ service: 'billing', url: nats.urls.billing });
  const options = { service: 'billing', instanceId: 'one', streams: ['PAYMENTS'], db: consumer, link };
  const strategy = new JetStreamStrategy(options);
  const extras = { group: Symbol('effects'), afterDeadLetter: 'hold' };
  strategy.addHandler('payment.posted', takeEffect as never, true, extras);
  strategy.listen(() => undefined);
  cleanups.push(() => strategy.close().then(() => link.drain()));
}

/** A relay with a pool of its own, so that a test can end it as a crash would. */
async function startRelay(name = 'relay') {
  const db = await facts.open({ name });
  const link = new NatsLink({ service: 'payments', url: nats.urls.payments });
  const relay = new Relay('payments', 'PAYMENTS', db, link);
  relay.start();
  cleanups.push(() => relay.stop().then(() => link.drain()));
  return { relay, db };
}

const readEffects = () => effects.sql<Change>('SELECT fact, aggregate, version FROM effects ORDER BY n');

async function audit() {
  const log = await facts.sql<{ body: Buffer }>('SELECT body FROM event_log ORDER BY seq');
  return auditFacts({
    facts: await facts.sql<Change>('SELECT fact, aggregate, version FROM facts ORDER BY n'),
    logged: log.map(({ body }) => changeOf(JSON.parse(body.toString()) as Posted)),
    stored: (await storedMessages(nats, 'PAYMENTS')).map((message) => changeOf(message.json<Posted>())),
    effects: await readEffects(),
  });
}

const patient = { timeoutMs: 60_000 };

const hasEffect = (aggregate: string, version: number) =>
  eventually(
    async () => (await readEffects()).some((e) => e.aggregate === aggregate && e.version === version),
    patient,
  );

const inState = (name: string, condition: string) =>
  facts.sql<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND ${condition}`,
    [name],
  );

/** It has claimed a batch, and for a while now no ack has come. */
const hanging = `state = 'idle in transaction' AND query ~ 'FROM relay_state'
  AND state_change < now() - interval '0.2 s'`;

describe('the product', () => {
  it('loses, invents, doubles and disorders nothing while relay and broker die in the middle of a batch', async () => {
    const first = await startRelay('first');
    let kick = () => first.relay.kick();
    const outbox = new Outbox('payments', () => kick());
    startConsumer();
    let writing = true;
    let withdrawn = 0;
    const write = async (n: number) => {
      for (let i = 0; writing; i++) {
        const aggregate = aggregates[(n + i) % aggregates.length]!;
        const changed = writer.tx(async (tx) => {
          await change(tx, outbox, aggregate);
          await tx.query('SELECT pg_sleep(random() * 0.02)');
          if (i % 5 === 4) throw new Error('changed my mind');
        });
        await changed.catch((error: Error) => {
          if (error.message !== 'changed my mind') throw error;
          withdrawn += 1;
        });
      }
    };
    const writers = Promise.all(Array.from({ length: WRITERS }, (_, n) => write(n)));
    const moreEffects = async () => {
      const { length } = await readEffects();
      await eventually(async () => (await readEffects()).length >= length + 100, patient);
    };
    try {
      await moreEffects();
      await abandonAfterTheAcks(first);
      const second = await startRelay('second');
      kick = () => second.relay.kick();
      await moreEffects();
      await nats.kill();
      await eventually(async () => (await inState('second', hanging)).length > 0, patient);
      await nats.restart();
      await moreEffects();
    } finally {
      writing = false;
      await writers;
    }
    expect(withdrawn).toBeGreaterThan(WRITERS);
    await eventually(async () => {
      expect(await audit()).toEqual(clean);
      return true;
    }, patient);
    await deliverAllOnceMore();
    await writer.tx((tx) => change(tx, outbox, 'a'));
    const [last] = await facts.sql<{ version: number }>(`SELECT version FROM aggregates WHERE id = 'a'`);
    await hasEffect('a', last!.version);
    expect(await audit()).toEqual(clean);
  }, 180_000);

  it('publishes a change whose number was drawn early and committed late', async () => {
    const { relay } = await startRelay();
    startConsumer();
    await commitOutOfTurn(new Outbox('payments', () => relay.kick()), async (aggregate) => {
      if (aggregate === 'b') await hasEffect('b', 1);
    });
    await hasEffect('a', 1);
    expect(await audit()).toEqual(clean);
  }, 90_000);
});

/** Kills the relay between the broker's acks and its own commit: there it waits for a row that somebody else holds. */
async function abandonAfterTheAcks({ relay, db }: Awaited<ReturnType<typeof startRelay>>): Promise<void> {
  const holder = new pg.Client({ connectionString: facts.adminUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM relay_state FOR UPDATE');
  const waiting = await eventually(async () => (await inState('first', `wait_event_type = 'Lock'`))[0], patient);
  const closed = db.close();
  await facts.sql('SELECT pg_terminate_backend($1)', [waiting.pid]);
  await Promise.all([closed, relay.stop()]);
  await holder.end();
}

/** Every stored message once more, past the broker's own memory of ids: only the inbox can tell. */
async function deliverAllOnceMore(): Promise<void> {
  const connection = await nats.connect('payments');
  const messages = await storedMessages(nats, 'PAYMENTS');
  await Promise.all(messages.map(({ subject, data }) => connection.request(subject, data, { timeout: 20_000 })));
  await connection.close();
}

/** Two writers: `a` draws the first number and commits last. `published` is called after each commit. */
async function commitOutOfTurn(outbox: Outbox, published: (aggregate: string) => Promise<void>): Promise<void> {
  const drawn = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const late = writer.tx(async (tx) => {
    await change(tx, outbox, 'a');
    drawn.resolve();
    await mayCommit.promise;
  });
  await drawn.promise;
  await writer.tx((tx) => change(tx, outbox, 'b'));
  await published('b');
  mayCommit.resolve();
  await late;
  await published('a');
}

describe('the same check finds', () => {
  const silent = new Outbox('payments', () => undefined);
  const logged = 'SELECT seq, id, body FROM event_log WHERE seq > $1 ORDER BY seq';

  /** Publishes what it finds in the log above `after`, in whatever transaction it is given. */
  async function publishAfter(tx: Tx, after: string): Promise<string> {
    const rows = await tx.query<{ seq: string; id: string; body: Buffer }>(logged, [after]);
    const connection = await nats.connect('payments');
    for (const { id, body } of rows) await jetstream(connection).publish('payment.posted', body, { msgID: id });
    await connection.close();
    return rows.at(-1)?.seq ?? after;
  }

  it('ghosts, where a relay publishes before the commit', async () => {
    startConsumer();
    const withdrawn = writer.tx(async (tx) => {
      await change(tx, silent, 'a');
      await publishAfter(tx, '0');
      throw new Error('changed my mind');
    });
    await expect(withdrawn).rejects.toThrow('changed my mind');
    await hasEffect('a', 1);
    expect(await audit()).toEqual({ ...clean, ghosts: ['stored a#1', 'effects a#1'] });
  }, 90_000);

  it('losses, where a relay remembers the last number it saw', async () => {
    startConsumer();
    let cursor = '0';
    await commitOutOfTurn(silent, async () => {
      cursor = await writer.tx((tx) => publishAfter(tx, cursor));
    });
    await hasEffect('b', 1);
    expect(await audit()).toEqual({ ...clean, lost: ['stored a#1', 'effects a#1'] });
  }, 90_000);

  it('doubled effects, where a consumer without an inbox dies before its ack', async () => {
    await writer.tx((tx) => change(tx, silent, 'a'));
    await writer.tx((tx) => publishAfter(tx, '0'));
    const connection = await nats.connect('billing');
    const durable = await jetstream(connection).consumers.get('PAYMENTS', 'billing');
    for (const settle of ['nak', 'ack'] as const) {
      const message: JsMsg | null = await durable.next({ expires: 20_000 });
      await consumer.tx((tx) => takeEffect([message!.json<Posted>()], tx));
      message![settle]();
    }
    await connection.close();
    expect(await audit()).toEqual({ ...clean, doubled: ['a#1'] });
  }, 90_000);
});
