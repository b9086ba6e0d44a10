import { jetstreamManager } from '@nats-io/jetstream';
import { sampleEvent } from '@quittance/events/samples';
import { encode } from '@quittance/events/envelope';
import { eventually } from '@quittance/testing/eventually';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { createToyDatabase } from '@quittance/testing/toy-database';
import type { ToyDatabase } from '@quittance/testing/toy-database';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createKitTables } from '../database/kit-tables.ts';
import { newId } from '../id.ts';
import { AckPublisher } from './ack-publisher.ts';

/**
 * How the readers die, one after the other. First with whole batches, committed and not; then so often in a row without
 * a commit that the messages arouse suspicion and are handled alone.
 */
const deaths = [
  ...Array.from({ length: 14 }, (_, n) => (n % 2 === 0 ? 'after the commit' : 'before the commit')),
  ...Array<string>(6).fill('before the commit'),
];
const aggregates = ['a', 'b', 'c', 'd'];
/** More than the seven that commit can take, 200 a batch: the last one finds something to die with, too. */
const EVENTS = 1_600;

/** A reader that kills itself, without notice, in its first batch of new events: at a place, not at a time. */
const reader = `
  import { createDataSource } from '@quittance/service-kit/database/data-source';
  import { Database } from '@quittance/service-kit/database/database';
  import { NatsLink } from '@quittance/service-kit/messaging/nats-link';
  import { JetStreamStrategy } from '@quittance/service-kit/messaging/strategy';
  const { DATABASE_URL: url, NATS_URL, INSTANCE_ID: instanceId, DEATH } = process.env;
  const die = () => process.kill(process.pid, 'SIGKILL');
  const source = await createDataSource({ url, applicationName: instanceId, entities: [], poolMax: 3 }).initialize();
  const link = new NatsLink({ service: 'billing', url: NATS_URL });
  const db = new Database(undefined, source);
  const strategy = new JetStreamStrategy({ service: 'billing', instanceId, streams: ['PAYMENTS'], db, link });
  const take = async (events, tx) => {
    const rows = events.map(({ subject, sequence }) => ({ aggregate: subject, sequence: Number(sequence) }));
    const given = 'jsonb_to_recordset($1) AS e (aggregate text, sequence int)';
    await tx.execute('INSERT INTO effects (aggregate, sequence) SELECT * FROM ' + given, [JSON.stringify(rows)]);
    if (DEATH === 'before the commit') die();
    if (DEATH === 'after the commit') tx.afterCommit(die);
  };
  strategy.addHandler('payment.posted', take, true, { group: Symbol('effects'), afterDeadLetter: 'hold' });
  strategy.listen(() => console.log('reading'));
`;

let nats: TestNats;
let database: ToyDatabase;
const children: ChildProcess[] = [];

beforeAll(async () => {
  [nats, database] = await Promise.all([
    startTestNats(),
    createToyDatabase('readers', [
      ...createKitTables('readers'),
      'CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, aggregate text, sequence int)',
      'GRANT INSERT ON effects TO readers_worker',
    ]),
  ]);
  await shortenAckWait();
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([nats.stop(), database.drop()]);
});

/** The durable as provisioned, but for the time it waits for an ack: readers ask it how long that is. */
async function shortenAckWait(): Promise<void> {
  const connection = await nats.connect('provisioner');
  const manager = await jetstreamManager(connection);
  await manager.consumers.update('PAYMENTS', 'billing', { ack_wait: 200_000_000 });
  await connection.close();
}

async function publishAll(): Promise<void> {
  const connection = await nats.connect('payments');
  const tenantid = newId();
  const publications = Array.from({ length: EVENTS }, (_, n) => {
    const [subject, sequence] = [aggregates[n % aggregates.length]!, Math.floor(n / aggregates.length) + 1];
    const event = { ...sampleEvent('payment.posted'), id: newId(), tenantid, subject };
    const body = encode({ ...event, sequence: String(sequence).padStart(10, '0') });
    return { id: event.id, subject: event.type, contentType: 'application/cloudevents+json', traceparent: null, body };
  });
  await new AckPublisher(connection, '_INBOX_payments').publishAll(publications, 20_000);
  await connection.close();
}

async function startReader(n: number): Promise<ChildProcess> {
  const at = fileURLToPath(new URL('..', import.meta.url));
  const args = [
    '--conditions=@quittance/source',
    '--import',
    '../../../tools/ts.mjs',
    '--input-type=module',
    '-e',
    reader,
  ];
  const child = spawn(process.execPath, args, {
    cwd: at,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: database.workerUrl,
      NATS_URL: nats.urls.billing,
      INSTANCE_ID: `reader-${n}`,
      DEATH: deaths[n] ?? 'never',
    },
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** What the database's clock would do in fifteen seconds: the dead one's lease runs out, and the next may have it. */
const expireLease = () => database.sql(`UPDATE consumer_leases SET expires_at = now() - interval '1 second'`);

const count = async (table: string) =>
  (await database.sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]!.n;

it('twenty readers die with a batch in hand: every event takes effect once, in order, none is given up', async () => {
  await publishAll();
  let active = startReader(0);
  for (const n of deaths.keys()) {
    const standby = startReader(n + 1);
    const child = await active;
    if (child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    await standby;
    await expireLease();
    active = standby;
  }
  const taken = await eventually(
    async () => {
      expect(await count('effects')).toBeGreaterThanOrEqual(EVENTS);
      return database.sql<{ aggregate: string; sequence: number }>(
        'SELECT aggregate, sequence FROM effects ORDER BY n',
      );
    },
    { timeoutMs: 60_000 },
  );
  for (const aggregate of aggregates) {
    const sequences = taken.filter((each) => each.aggregate === aggregate).map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: EVENTS / aggregates.length }, (_, n) => n + 1));
  }
  expect(await count('inbox')).toBe(EVENTS);
  expect(await count('inbox_parked')).toBe(0);
  expect(await database.sql('SELECT 1 FROM inbox_failures WHERE failures > 0')).toEqual([]);
  expect(await count('inbox_failures')).toBeGreaterThan(0);
  const connection = await nats.connect('provisioner');
  const { streams, consumers } = await jetstreamManager(connection);
  expect((await streams.info('DLQ')).state.messages).toBe(0);
  await eventually(async () => (await consumers.info('PAYMENTS', 'billing')).num_ack_pending === 0);
  await connection.close();
}, 180_000);
