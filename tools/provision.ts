// Makes the streams and durables of the topology: `node tools/provision.ts [--loop]`.
// NATS_URL holds the provisioner's user and password, NATS_REPLICAS the copies of each stream (3 in production).
// With --loop it looks again every two seconds: a broker that came back without its data gets its streams again, which
// is what the services wait for before they send their event log anew.
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { inboxPrefixOf } from '@quittance/events/topology';
import { describeChange, provision, ProvisionConflict } from '@quittance/service-kit/messaging/provision';

const EVERY_MS = 2_000;

const log = (level: 'info' | 'warn' | 'error', message: string): void =>
  console.log(JSON.stringify({ level, time: new Date().toISOString(), service: 'provision', msg: message }));

async function open(): Promise<NatsConnection> {
  const url = process.env['NATS_URL'];
  if (!url) throw new Error('NATS_URL is required');
  const urls = url.split(',').map((each) => new URL(each.trim()));
  const [first] = urls as [URL];
  const connection = await connect({
    servers: urls.map(({ host }) => host),
    ...(first.username ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) } : {}),
    name: 'provision',
    inboxPrefix: inboxPrefixOf('provisioner'),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    waitOnFirstConnect: true,
  });
  void connection.closed().then((error) => {
    if (error) log('error', `the connection is closed: ${error.message}`);
  });
  return connection;
}

async function main(): Promise<void> {
  const replicas = Number(process.env['NATS_REPLICAS'] ?? 1);
  const connection = await open();
  let isStopping = false;
  let wake: () => void = () => undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      isStopping = true;
      wake();
    });
  let rounds = 0;
  let said = '';
  do {
    try {
      const changes = await provision(connection, { replicas });
      if (rounds > 0 && changes.some(({ action }) => action === 'create'))
        log('warn', 'streams or durables were missing: did the broker lose its data?');
      for (const change of changes) log('info', describeChange(change));
      if (rounds === 0) log('info', 'provisioned');
      rounds += 1;
      said = '';
    } catch (error) {
      const { message } = error as Error;
      // a conflict needs an operator; anything else, a broker that is starting for instance, passes
      if (error instanceof ProvisionConflict || !process.argv.includes('--loop')) throw error;
      if (message !== said) log('error', message);
      said = message;
    }
    if (!process.argv.includes('--loop')) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, EVERY_MS);
    });
  } while (!isStopping);
  await connection.close();
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    log('error', error.message);
    process.exit(1);
  },
);
