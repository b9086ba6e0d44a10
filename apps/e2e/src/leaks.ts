// Everything that the stack keeps, looked through for words that must not be there.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { inboxPrefixOf, streamNames } from '@quittance/events/topology';
import { services } from '../../../tools/services.mjs';
import { asAdministrator, stack } from './stack.ts';

/** A place, as a person would name it, and all that is kept there. */
export type Kept = ReadonlyMap<string, string>;

const schemas = services.map(({ schema }) => schema);

/** The logs of every service, every table, every message of every stream, and the spans of one trace. */
export async function everythingKept(traceId: string): Promise<Kept> {
  const [rows, messages, spans] = await Promise.all([tables(), streams(), spansOf(traceId)]);
  return new Map([...logs(), ...rows, ...messages, ['spans', spans]]);
}

/** Where one of the words is, plain or as bytes are printed. */
export function placesWith(kept: Kept, words: readonly string[]): string[] {
  const needles = words.flatMap((word) => [word, Buffer.from(word).toString('hex')]);
  return [...kept].filter(([, text]) => needles.some((needle) => text.includes(needle))).map(([place]) => place);
}

function logs(): [string, string][] {
  return readdirSync(stack.logs).map((name) => [`log ${name}`, readFileSync(path.join(stack.logs, name), 'utf8')]);
}

function tables(): Promise<[string, string][]> {
  return asAdministrator(async (client) => {
    const { rows: names } = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace::regnamespace::text = ANY($1)`,
      [schemas],
    );
    const found: [string, string][] = [];
    for (const { name } of names) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      found.push([`table ${name}`, rows.map(({ row }) => row).join('\n')]);
    }
    return found;
  });
}

async function streams(): Promise<[string, string][]> {
  const { host, username, password } = new URL(stack.natsUrls.provisioner);
  const inboxPrefix = inboxPrefixOf('provisioner');
  const nats = await connect({ servers: host, user: username, pass: password, name: 'e2e-leaks', inboxPrefix });
  try {
    const manager = await jetstreamManager(nats, { checkAPI: false });
    const found: [string, string][] = [];
    for (const name of streamNames) {
      const { state } = await manager.streams.info(name);
      const texts: string[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        // A hole, of a message that was deleted, is no answer.
        const message = await manager.streams.getMessage(name, { seq }).catch(() => null);
        if (message) texts.push(`${message.subject} ${[...message.header].join(' ')} ${message.string()}`);
      }
      found.push([`stream ${name}`, texts.join('\n')]);
    }
    return found;
  } finally {
    await nats.close();
  }
}

async function spansOf(traceId: string): Promise<string> {
  return (await fetch(`${stack.collectorUrl}/${traceId}`)).text();
}

/** Every event is published, and every spent attempt to bring one into effect is over. */
export function allIsSaid(): Promise<boolean> {
  return asAdministrator(async (client) => {
    const queues = schemas
      .filter((schema) => schema !== 'access')
      .map((schema) => `SELECT 1 FROM ${schema}.outbox_queue`);
    return (await client.query(queues.join(' UNION ALL '))).rowCount === 0;
  });
}
