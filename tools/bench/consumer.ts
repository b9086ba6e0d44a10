import { headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { encode, formatSequence, headersOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { sampleEvent } from '@quittance/events/samples';
import type { Database } from '@quittance/service-kit/database/database';
import { createKitTables } from '@quittance/service-kit/database/kit-tables';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { NatsLink } from '@quittance/service-kit/messaging/nats-link';
import { JetStreamStrategy } from '@quittance/service-kit/messaging/strategy';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { BenchContext } from './context.ts';
import { byTurns, compared, median, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';

const MESSAGES = 20_000;
const AGGREGATES = 200;
const BATCH = 200;
const ROUNDS = 5;

const FILL_PROJECTION = `INSERT INTO projection (k) SELECT 'a' || i FROM generate_series(0, ${AGGREGATES - 1}) i`;

class CreateBench1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [
      ...createKitTables('billing'),
      `CREATE TABLE floor_inbox (
         consumer smallint NOT NULL, id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (consumer, id))`,
      'CREATE TABLE projection (k text PRIMARY KEY, n bigint NOT NULL DEFAULT 0)',
      FILL_PROJECTION,
      'GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON floor_inbox, projection TO billing_worker',
    ]) {
      await runner.query(sql);
    }
  }

  async down(): Promise<void> {}
}

const EFFECT = `UPDATE projection p SET n = p.n + a.n
  FROM (SELECT k, count(*) AS n FROM unnest($1::text[]) AS u (k) GROUP BY k) a WHERE p.k = a.k`;
const FLOOR = `
  WITH u AS (SELECT * FROM unnest($1::uuid[], $2::text[]) AS u (id, k)),
       i AS (INSERT INTO floor_inbox (consumer, id) SELECT 1, id FROM u ON CONFLICT DO NOTHING RETURNING id),
       a AS (SELECT u.k, count(*) AS n FROM u JOIN i USING (id) GROUP BY 1)
  UPDATE projection p SET n = p.n + a.n FROM a WHERE p.k = a.k`;

/** Fills the stream with new events of many aggregates, each in its order. */
async function fill(nats: NatsConnection, round: number): Promise<void> {
  const sample = sampleEvent('payment.posted');
  const js = jetstream(nats);
  const tenantid = newId();
  let pending: Promise<unknown>[] = [];
  for (let n = 0; n < MESSAGES; n++) {
    const sequence = formatSequence(Math.floor(n / AGGREGATES) + 1);
    const event = {
      ...sample,
      id: newId(),
      tenantid,
      subject: `a${n % AGGREGATES}`,
      sequence,
      correlationid: `${round}`,
    };
    const carried = headers();
    for (const [key, value] of Object.entries(headersOf(event))) carried.set(key, value);
    pending.push(js.publish('payment.posted', encode(event), { headers: carried }));
    if (pending.length === 1_000) pending = (await Promise.all(pending), []);
  }
  await Promise.all(pending);
}

/** The floor, on the durable `demo` of the same stream: fetch 200, one statement with inbox and effect, acknowledge. */
async function bareConsumer(nats: NatsConnection, db: Database): Promise<number> {
  const pull = await jetstream(nats).consumers.get('PAYMENTS', 'demo');
  const startedAt = performance.now();
  for (let done = 0; done < MESSAGES;) {
    const messages = [];
    for await (const message of await pull.fetch({ max_messages: BATCH, expires: 1_000 })) messages.push(message);
    const events = messages.map((message) => message.json<QuittanceEvent>());
    const values = [events.map(({ id }) => id), events.map(({ subject }) => subject)];
    await db.tx((tx) => tx.execute(FLOOR, values));
    for (const message of messages) message.ack();
    done += messages.length;
  }
  const rate = perSecond(MESSAGES, startedAt);
  return rate;
}

/** The product: the strategy with lease, inbox, positions and tracing, the same UPDATE as the handler's effect. */
async function strategyConsumer(context: BenchContext, db: Database): Promise<number> {
  const link = new NatsLink({ service: 'billing', url: context.natsUrls.billing });
  const strategy = new JetStreamStrategy({ service: 'billing', instanceId: 'bench', streams: ['PAYMENTS'], db, link });
  let handled = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const handler = async (events: QuittanceEvent[], tx: Tx) => {
    await tx.execute(EFFECT, [events.map(({ subject }) => subject)]);
    handled += events.length;
    if (handled === MESSAGES) tx.afterCommit(finish);
  };
  strategy.addHandler('payment.posted', handler as never, true, { group: Symbol('bench'), afterDeadLetter: 'hold' });
  const startedAt = performance.now();
  strategy.listen(() => undefined);
  await finished;
  const rate = perSecond(MESSAGES, startedAt);
  await strategy.close();
  await link.drain();
  return rate;
}

/** (c) messages a second through the inbox into an effect. */
export async function benchConsumer(context: BenchContext): Promise<Outcome> {
  const { workerUrl } = await context.prepare('billing', [CreateBench1790000000000]);
  const db = await context.open(workerUrl, 4, 'worker');
  const publisher = await context.connect('payments');
  const subscriber = await context.connect('demo');
  // Every turn on tables as fresh as the first: a bloated projection would slow down whoever comes later.
  const afresh = async () => {
    const admin = new pg.Client({ connectionString: context.adminUrl });
    await admin.connect();
    await admin.query('SET search_path = billing');
    await admin.query('TRUNCATE floor_inbox, inbox, projection');
    await admin.query(FILL_PROJECTION);
    await admin.query('VACUUM ANALYZE projection');
    await admin.end();
  };
  let turn = 0;
  const { floors, products } = await byTurns(
    ROUNDS,
    async () => {
      await fill(publisher, ++turn);
      await afresh();
      return bareConsumer(subscriber, db);
    },
    async () => {
      await afresh();
      return strategyConsumer(context, db);
    },
  );
  await Promise.all([publisher.close(), subscriber.close(), db.close()]);
  return compared({
    scenario: 'c',
    what: 'consumer: messages taken into one UPDATE, each once',
    unit: 'messages/s',
    floor: round(median(floors), 0),
    product: round(median(products), 0),
    target: 'at least 0.5 of the floor',
    details: { messages: MESSAGES, batch: BATCH, floors: floors.map(Math.round), products: products.map(Math.round) },
  });
}
