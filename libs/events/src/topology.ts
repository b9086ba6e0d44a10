import { serviceStreams, services, streamNames, streamOf, streams } from './streams.ts';
import type { Service, StreamName } from './streams.ts';
import { patternsOverlap } from './subjects.ts';

/** Streams, durables and permissions as data: provisioning, the services and the documents read the same lines. */
export { serviceStreams, services, streamNames, streamOf, streams };
export type { Service, StreamName };

/** Who reads a stream: a service, or the demo subscriber. */
export type DurableName = Service | 'demo';

export interface DurableConfig {
  readonly durable_name: DurableName;
  readonly ack_policy: 'explicit';
  readonly deliver_policy: 'all';
  readonly ack_wait: number;
  readonly max_deliver: number;
  readonly max_ack_pending: number;
}

export interface Durable {
  readonly stream: StreamName;
  readonly config: DurableConfig;
}

const second = 1_000_000_000;

const readers: Readonly<Record<DurableName, readonly StreamName[]>> = {
  payments: ['BILLING', 'RECONCILIATION'],
  billing: ['PAYMENTS', 'RECONCILIATION', 'POLICY'],
  reconciliation: ['PAYMENTS', 'BILLING'],
  webhooks: ['PAYMENTS', 'BILLING', 'RECONCILIATION'],
  demo: serviceStreams,
};

/**
 * What a reader takes at once, in one transaction. Fan-out does little for an event and much for a batch: 500 at a time
 * it takes half of the round trips and commits.
 */
const batchMax: Readonly<Record<DurableName, number>> = {
  ...{ payments: 200, billing: 200, reconciliation: 200, webhooks: 500, demo: 200 },
};

/** No server-side give-up (max_deliver -1): the reader decides what is poison and says so on `dlq.<service>`. */
export const durables: readonly Durable[] = Object.entries(readers).flatMap(([reader, names]) =>
  names.map((stream) => ({
    stream,
    config: {
      durable_name: reader as DurableName,
      ack_policy: 'explicit' as const,
      deliver_policy: 'all' as const,
      ack_wait: 5 * second,
      max_deliver: -1,
      max_ack_pending: batchMax[reader as DurableName],
    },
  })),
);

export function durablesOf(reader: DurableName): readonly Durable[] {
  return durables.filter((durable) => durable.config.durable_name === reader);
}

/** Stream that stores a subject, if any; at most one does. */
export function streamFor(subject: string): StreamName | undefined {
  return streamNames.find((name) => streams[name].subjects.some((pattern) => patternsOverlap(pattern, subject)));
}

export const natsUsers = [...services, 'provisioner', 'demo', 'policy'] as const;
export type NatsUser = (typeof natsUsers)[number];

export interface Permissions {
  readonly publish: string[];
  readonly subscribe: string[];
}

/**
 * What each NATS user may do, least privilege: no service makes a stream or a consumer, nobody holds `$JS.>`
 * (which would reach other accounts' streams on servers before 2.10.27, CVE-2025-30215).
 */
export function permissions(user: NatsUser): Permissions {
  switch (user) {
    case 'provisioner':
      return { publish: administration(), subscribe: [inboxOf(user)] };
    case 'demo':
      return {
        publish: ['$JS.API.INFO', ...serviceStreams.map((name) => `$JS.API.STREAM.INFO.${name}`), ...reading(user)],
        subscribe: [...serviceStreams.flatMap((name) => streams[name].subjects), '_INBOX.>'],
      };
    case 'policy':
      return { publish: [...streams.POLICY.subjects], subscribe: ['_INBOX.>'] };
    default:
      return ofService(user);
  }
}

/** Inbox prefix a client connects with; `demo` and `policy` are plain clients with the default one. */
export function inboxPrefixOf(user: NatsUser): string {
  return user === 'demo' || user === 'policy' ? '_INBOX' : `_INBOX_${user}`;
}

function inboxOf(user: NatsUser): string {
  return `${inboxPrefixOf(user)}.>`;
}

function ofService(service: Service): Permissions {
  const own = streams[streamOf[service]];
  const wake = `wake.${service}`;
  return {
    publish: [
      ...own.subjects,
      wake,
      `dlq.${service}`,
      '$JS.API.INFO',
      `$JS.API.STREAM.INFO.${own.name}`,
      ...reading(service),
    ],
    subscribe: [inboxOf(service), wake],
  };
}

/** Look at, pull from and acknowledge the reader's own durables, nothing else. */
function reading(reader: DurableName): string[] {
  return durablesOf(reader).flatMap(({ stream }) => [
    `$JS.API.CONSUMER.INFO.${stream}.${reader}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${reader}`,
    `$JS.ACK.${stream}.${reader}.>`,
  ]);
}

/**
 * Makes and changes what the topology names, reads any stream, discards dead letters; deletes no stream, no consumer.
 */
function administration(): string[] {
  return [
    '$JS.API.INFO',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.LIST',
    ...streamNames.flatMap((name) => [
      ...['CREATE', 'UPDATE', 'INFO', 'MSG.GET'].map((action) => `$JS.API.STREAM.${action}.${name}`),
      ...['NAMES', 'LIST'].map((action) => `$JS.API.CONSUMER.${action}.${name}`),
      `$JS.API.DIRECT.GET.${name}`,
      `$JS.API.DIRECT.GET.${name}.>`,
    ]),
    ...durables.flatMap(({ stream, config }) => {
      const path = `${stream}.${config.durable_name}`;
      return ['CREATE', 'DURABLE.CREATE', 'INFO'].map((action) => `$JS.API.CONSUMER.${action}.${path}`);
    }),
    '$JS.API.STREAM.MSG.DELETE.DLQ',
  ];
}
