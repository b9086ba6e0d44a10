import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runService } from '@quittance/service-kit/bootstrap';
import type { RunningService, ServiceOptions } from '@quittance/service-kit/bootstrap';
import { Processes, root, sourceArgs } from '../../../tools/processes.mjs';
import { freePorts } from '../../../tools/ports.mjs';
import type { TestDatabase } from './postgres.ts';

export interface ServiceEnvironment {
  database: Pick<TestDatabase, 'appUrl' | 'workerUrl'>;
  natsUrl: string;
  jwksUrl: string;
}

/**
 * The environment every service needs, with free ports and quiet logs.
 * @example readConfig(PaymentsConfig, { ...serviceEnvironment(urls), PROVIDER_TIMEOUT_MS: '500' })
 */
export const serviceEnvironment = ({ database, natsUrl, jwksUrl }: ServiceEnvironment): Record<string, string> => ({
  ENVIRONMENT: 'development',
  PORT: '0',
  HEALTH_PORT: '0',
  INSTANCE_ID: 'test',
  DATABASE_APP_URL: database.appUrl,
  DATABASE_WORKER_URL: database.workerUrl,
  DB_POOL_MAX: '5',
  NATS_URL: natsUrl,
  JWKS_URL: jwksUrl,
  LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
});

/** The service inside this process: HTTP, relay, consumers and workers, on free ports. Stop it in `afterAll`. */
export const startTestService = (options: ServiceOptions): Promise<RunningService> => runService(options);

export interface SpawnedService {
  url: string;
  healthUrl: string;
  logFile: string;
  /** As the orchestrator does: SIGTERM, then wait. */
  stop(): Promise<string>;
  /** As a crash does. */
  kill(): Promise<void>;
  /** For instance SIGSTOP, after which nothing is answered until SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Starts it again on the same ports. */
  restart(): Promise<void>;
}

/** The service as a process of its own, from source, until it reports ready: for tests that kill it. */
export async function spawnService(name: string, env: Record<string, string>): Promise<SpawnedService> {
  const [port, healthPort] = (await freePorts(2)) as [number, number];
  const folder = join(root, '.data/test-logs');
  mkdirSync(folder, { recursive: true });
  const processes = new Processes();
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  const { logFile } = await processes.start({
    name,
    command: process.execPath,
    args: [...sourceArgs, 'src/main.ts'],
    cwd: join(root, 'apps', name),
    env: { PATH: process.env['PATH'], ...env, PORT: String(port), HEALTH_PORT: String(healthPort) },
    logFile: join(folder, `${name}-${port}.log`),
    ready: () =>
      fetch(`${healthUrl}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    timeoutMs: 30_000,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    healthUrl,
    logFile,
    stop: () => processes.stop(name),
    kill: () => processes.kill(name),
    signal: (signal) => void process.kill(processes.get(name).pid ?? 0, signal),
    restart: () => processes.restart(name),
  };
}
