// Brings a broker's streams and durables to the topology. Idempotent: run in a loop it does nothing until something is
// missing. Nothing is ever deleted, and a difference the server cannot change in place stops everything before the
// first change: only an operator may decide to remake a stream.
import { jetstreamManager, JetStreamApiError } from '@nats-io/jetstream';
import type { ConsumerConfig, JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { durables, streams } from '@quittance/events/topology';

type Config = Readonly<Record<string, unknown>>;

/** A stream (`PAYMENTS`) or a durable of it (`PAYMENTS/billing`), as wanted or as the broker has it. */
export interface Item {
  kind: 'stream' | 'durable';
  name: string;
  config: Config;
}

export interface Change {
  action: 'create' | 'update';
  item: Item;
  /** What differs, as `key: is → wanted`. */
  differences: string[];
}

/** The server refuses to change these, or changing them would lose messages or positions. */
const immutable: Record<Item['kind'], readonly string[]> = {
  stream: ['retention', 'storage', 'deny_delete', 'deny_purge'],
  durable: ['ack_policy', 'deliver_policy'],
};

/** The broker is not as the topology says and cannot be brought there in place. */
export class ProvisionConflict extends Error {
  override readonly name = 'ProvisionConflict';

  constructor(readonly conflicts: readonly string[]) {
    super(`cannot be changed in place:\n  ${conflicts.join('\n  ')}`);
  }
}

export function wantedItems({ replicas = 1 }: { replicas?: number } = {}): Item[] {
  return [
    ...Object.values(streams).map((config) => ({
      kind: 'stream' as const,
      name: config.name,
      config: { ...config, num_replicas: replicas },
    })),
    ...durables.map(({ stream, config }) => ({
      kind: 'durable' as const,
      name: `${stream}/${config.durable_name}`,
      config: { ...config },
    })),
  ];
}

/**
 * The changes that make `existing` what is `wanted`, streams before their durables.
 * @throws {ProvisionConflict} naming every difference that cannot be changed in place
 */
export function plan(wanted: readonly Item[], existing: ReadonlyMap<string, Config>): Change[] {
  const conflicts: string[] = [];
  const changes = wanted.flatMap((item): Change[] => {
    const is = existing.get(item.name);
    if (!is) return [{ action: 'create', item, differences: [] }];
    const keys = Object.keys(item.config).filter((key) => !same(is[key], item.config[key]));
    const describe = (key: string) => `${key}: ${JSON.stringify(is[key])} → ${JSON.stringify(item.config[key])}`;
    conflicts.push(
      ...keys.filter((key) => immutable[item.kind].includes(key)).map((key) => `${item.name} ${describe(key)}`),
    );
    return keys.length ? [{ action: 'update', item, differences: keys.map(describe) }] : [];
  });
  if (conflicts.length) throw new ProvisionConflict(conflicts);
  return changes;
}

/** A server leaves out what has its zero value; lists are sets of subjects. */
function same(is: unknown, wanted: unknown): boolean {
  if (Array.isArray(is) && Array.isArray(wanted))
    return JSON.stringify([...(is as unknown[])].sort()) === JSON.stringify([...(wanted as unknown[])].sort());
  return is === wanted || (is === undefined && (wanted === false || wanted === 0));
}

/** Reads the broker, plans and applies. @returns what it changed, nothing when all was well */
export async function provision(connection: NatsConnection, options: { replicas?: number } = {}): Promise<Change[]> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const wanted = wantedItems(options);
  const found = await Promise.all(wanted.map(async (item) => [item.name, await read(manager, item)] as const));
  const existing = new Map(found.filter((entry): entry is readonly [string, Config] => entry[1] !== undefined));
  const changes = plan(wanted, existing);
  for (const change of changes) await apply(manager, change);
  return changes;
}

async function read(manager: JetStreamManager, { kind, name }: Item): Promise<Config | undefined> {
  try {
    const [stream, durable] = name.split('/') as [string, string];
    const { config } = await (kind === 'stream'
      ? manager.streams.info(stream)
      : manager.consumers.info(stream, durable));
    return config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function apply(manager: JetStreamManager, { action, item }: Change): Promise<void> {
  const [stream, durable] = item.name.split('/') as [string, string];
  if (item.kind === 'stream') {
    const config = item.config as unknown as StreamConfig;
    await (action === 'create' ? manager.streams.add(config) : manager.streams.update(stream, config));
    return;
  }
  const config = item.config as unknown as ConsumerConfig;
  await (action === 'create'
    ? manager.consumers.add(stream, config)
    : manager.consumers.update(stream, durable, config));
}

/** One line a change, for logs. */
export const describeChange = ({ action, item, differences }: Change): string =>
  `${action}d ${item.kind} ${item.name}${differences.length ? ` (${differences.join(', ')})` : ''}`;
