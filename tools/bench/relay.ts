import { createInbox, headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Database } from '@quittance/service-kit/database/database';
import { NatsLink } from '@quittance/service-kit/messaging/nats-link';
import { Relay } from '@quittance/service-kit/messaging/relay';
import { migrations } from '../../apps/payments/src/migrations/all.ts';
import type { BenchContext } from './context.ts';
import { byTurns, compared, median, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';

const ROWS = 20_000;
const BATCH = 500;
const ROUNDS = 5;

// One event of 1 KB each, 2,000 aggregates, as the figures of the design have them.
const FILL = `
  WITH logged AS (
    INSERT INTO event_log (id, tenant_id, type, subject, sequence, traceparent, body)
    SELECT gen_random_uuid(), '0199a3c4-7f1e-7b52-9c1d-3e5f60718293', 'payment.posted', 'k' || (i % 2000), 1 + i / 2000,
           '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', convert_to(repeat('a', 1024), 'UTF8')
      FROM generate_series(1, ${ROWS}) i
    RETURNING seq, logged_at)
  INSERT INTO outbox_queue (seq, logged_at) SELECT seq, logged_at FROM logged`;
const CLAIM = `
  WITH b AS MATERIALIZED (SELECT seq, logged_at FROM outbox_queue ORDER BY seq LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
       d AS (DELETE FROM outbox_queue q USING b WHERE q.seq = b.seq)
  SELECT l.seq, l.id, l.type, l.traceparent, l.body FROM b JOIN event_log l USING (logged_at, seq) ORDER BY l.seq`;

interface Row {
  id: string;
  type: string;
  traceparent: string;
  body: Buffer;
}

/** The floor: claim 500, publish them pipelined, count the acks, commit; nothing else. */
async function bareDrain(db: Database, nats: NatsConnection): Promise<void> {
  const inbox = createInbox('_INBOX_payments');
  let left = 0;
  let done: () => void = () => undefined;
  const subscription = nats.subscribe(`${inbox}.*`, {
    callback: () => {
      if (--left === 0) done();
    },
  });
  for (;;) {
    const count = await db.tx(async (tx) => {
      const rows = await tx.query<Row>(CLAIM);
      if (rows.length === 0) return 0;
      left = rows.length;
      const acked = new Promise<void>((resolve) => (done = resolve));
      rows.forEach((row, n) => {
        const carried = headers();
        carried.set('Nats-Msg-Id', row.id);
        carried.set('traceparent', row.traceparent);
        nats.publish(row.type, row.body, { reply: `${inbox}.${n}`, headers: carried });
      });
      await acked;
      return rows.length;
    });
    if (count === 0) return subscription.unsubscribe();
  }
}

async function emptied(db: Database): Promise<void> {
  for (;;) {
    const rows = await db.tx((tx) => tx.query('SELECT 1 AS one FROM outbox_queue LIMIT 1'));
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** (b) rows a second from the outbox to the stream. */
export async function benchRelay(context: BenchContext): Promise<Outcome> {
  const { workerUrl } = await context.prepare('payments', migrations);
  const db = await context.open(workerUrl, 4, 'worker');
  const nats = await context.connect('payments');
  const fill = async () => {
    await db.tx((tx) => tx.execute(FILL));
    await db.tx((tx) => tx.execute('ANALYZE outbox_queue')).catch(() => undefined);
  };
  const floor = async () => {
    await fill();
    const startedAt = performance.now();
    await bareDrain(db, nats);
    return perSecond(ROWS, startedAt);
  };
  const product = async () => {
    await fill();
    const link = new NatsLink({ service: 'payments', url: context.natsUrls.payments });
    await link.connection();
    const relay = new Relay('payments', 'PAYMENTS', db, link);
    const startedAt = performance.now();
    relay.start();
    await emptied(db);
    const rate = perSecond(ROWS, startedAt);
    await relay.stop();
    await link.drain();
    return rate;
  };
  const { floors, products } = await byTurns(ROUNDS, floor, product);
  await Promise.all([nats.close(), db.close()]);
  return compared({
    scenario: 'b',
    what: 'relay: outbox rows published and acknowledged',
    unit: 'rows/s',
    floor: round(median(floors), 0),
    product: round(median(products), 0),
    target: 'at least 0.6 of the floor',
    details: { rows: ROWS, batch: BATCH, floors: floors.map(Math.round), products: products.map(Math.round) },
  });
}
