// What an operator does to events by hand:
//   npm run events -- dlq list                        every dead letter, with its number and reason
//   npm run events -- dlq replay <number>             its cause is mended: give it to its service once more
//   npm run events -- dlq discard <number>            it shall have no effect there: later events stop waiting for it
//   npm run events -- redrive <service> <since>       publish the event log since an instant (RFC 3339) once more
import { connect } from '@nats-io/transport-node';
import { inboxPrefixOf } from '@quittance/events/topology';
import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import { DeadLetterDesk } from '@quittance/service-kit/messaging/dead-letter-desk';
import { redrive } from '@quittance/service-kit/messaging/redrive';
import { accessFrom } from './access.ts';
import type { Access } from './access.ts';

class Usage extends Error {
  override readonly name = 'Usage';
}

const opened = new Map<string, Promise<Database>>();

function databaseOf(access: Access, service: string): Promise<Database> {
  const open = async () => {
    const url = access.workerUrl(service);
    const source = createDataSource({ url, applicationName: 'events', entities: [], poolMax: 1 });
    return new Database(undefined, await source.initialize());
  };
  const known = opened.get(service) ?? open();
  opened.set(service, known);
  return known;
}

async function deadLetters(access: Access, [action, number]: readonly string[]): Promise<void> {
  const { host, username, password } = new URL(access.natsUrl);
  const nats = await connect({
    servers: host,
    user: username,
    pass: password,
    inboxPrefix: inboxPrefixOf('provisioner'),
  });
  try {
    const desk = new DeadLetterDesk(nats, (service) => databaseOf(access, service));
    if (action === 'list') {
      for (const { seq, service, stream, subject, time, reason } of await desk.list()) {
        console.log([seq, time, service, stream, subject, reason].join('  '));
      }
      return;
    }
    const seq = Number(number);
    if (!Number.isInteger(seq)) throw new Usage('dlq list | dlq replay <number> | dlq discard <number>');
    if (action === 'replay')
      console.log((await desk.replay(seq)) ? 'given to its service' : 'it had its effect already');
    else if (action === 'discard') {
      await desk.discard(seq);
      console.log('counted as done');
    } else throw new Usage('dlq list | dlq replay <number> | dlq discard <number>');
  } finally {
    await nats.close();
  }
}

async function redriveSince(access: Access, [service, instant]: readonly string[]): Promise<void> {
  const since = new Date(instant ?? '');
  if (!service || Number.isNaN(since.getTime())) throw new Usage('redrive <service> <RFC 3339 instant>');
  const db = await databaseOf(access, service);
  console.log(`${await db.tx((tx) => redrive(tx, { since }))} events queued once more`);
}

async function main([command, ...rest]: readonly string[]): Promise<void> {
  const access = accessFrom(process.env);
  if (command === 'dlq') await deadLetters(access, rest);
  else if (command === 'redrive') await redriveSince(access, rest);
  else throw new Usage('dlq … | redrive …');
  for (const db of opened.values()) await (await db).close();
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error instanceof Usage ? `usage: npm run events -- ${error.message}` : error.message);
    process.exit(1);
  },
);
