import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { inboxPrefixOf } from '@quittance/events/topology';
import type { NatsUser } from '@quittance/events/topology';
import { provision } from '@quittance/service-kit/messaging/provision';
import { startNats } from '../../../tools/nats.mjs';
import { freePorts } from '../../../tools/ports.mjs';
import { fromSetup } from './environment.ts';

/** What the global set-up knows of its nats-server. */
interface SharedNats {
  config: string;
  binary: string;
  passwords: Record<NatsUser, string>;
  urls: Record<NatsUser, string>;
}

const shared = (): SharedNats => JSON.parse(fromSetup('TEST_NATS')) as SharedNats;

/** The URL of the run's shared nats-server for one user, with its password. */
export const natsUrl = (user: NatsUser): string => shared().urls[user];

/** A connection as that user, with its inbox prefix. Close it in `afterAll`. */
export function testNats(user: NatsUser, urls: Record<NatsUser, string> = shared().urls): Promise<NatsConnection> {
  const { host, username, password } = new URL(urls[user]);
  return connect({ servers: host, user: username, pass: password, name: 'test', inboxPrefix: inboxPrefixOf(user) });
}

/** Makes the streams and durables of the topology where they are missing. */
export async function provisionStreams(urls: Record<NatsUser, string> = shared().urls): Promise<void> {
  const connection = await testNats('provisioner', urls);
  try {
    await provision(connection);
  } finally {
    await connection.close();
  }
}

export interface TestNats {
  urls: Record<NatsUser, string>;
  connect(user: NatsUser): Promise<NatsConnection>;
  /** Ends the server at once, as a power cut would; its store stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with its store or, after a loss, without. */
  restart(options?: { loseData?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A nats-server for one test file alone: for tests that stop the broker, lose its data, or must not see the events of
 * others. It is ready in about 100 ms, with the streams of the topology unless told otherwise.
 */
export async function startTestNats({ streams = true }: { streams?: boolean } = {}): Promise<TestNats> {
  const { config, binary, passwords } = shared();
  const base = mkdtempSync(join(tmpdir(), 'quittance-nats-'));
  const dir = join(base, 'store');
  const [port] = (await freePorts(1)) as [number];
  const start = () => startNats({ dir, port, config, binary, passwords, logFile: join(base, 'nats.log') });
  let server = await start();
  const urls = server.urls as Record<NatsUser, string>;
  if (streams) await provisionStreams(urls);
  return {
    urls,
    connect: (user) => testNats(user, urls),
    kill: async () => void (await server.process.stop('SIGKILL')),
    async restart({ loseData = false } = {}) {
      await server.process.stop();
      if (loseData) rmSync(dir, { recursive: true, force: true });
      server = await start();
    },
    async stop() {
      await server.process.stop();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
