import fs from 'node:fs';
import path from 'node:path';
import type { TokenIssuer } from '@quittance/testing/tokens';
import { freePorts } from '../ports.mjs';
import { launch, root, untilReady } from '../processes.mjs';
import type { RunningProcess } from '../processes.mjs';
import { nodeOptions } from '../services.mjs';
import type { BenchContext } from './context.ts';

export interface ServiceUnderTest {
  process: RunningProcess;
  url: string;
  healthUrl: string;
  /** From exec to the first ready answer. */
  startMs: number;
}

export interface ServiceSpec {
  context: BenchContext;
  issuer: TokenIssuer;
  name: 'payments' | 'billing' | 'reconciliation' | 'webhooks';
  urls: { appUrl: string; workerUrl: string };
  env?: Record<string, string>;
}

/** As production runs it: the build, tracing on with 1 % sampled, one process. */
export async function startBuilt({ context, issuer, name, urls, env = {} }: ServiceSpec): Promise<ServiceUnderTest> {
  const [port, healthPort] = (await freePorts(2)) as [number, number];
  const logFile = path.join(context.dir, `${name}-${env['ROLE'] ?? 'all'}.log`);
  const startedAt = performance.now();
  const service = launch({
    name,
    command: process.execPath,
    args: ['--import', '@quittance/service-kit/telemetry/otel', 'dist/main.js'],
    cwd: path.join(root, 'apps', name),
    logFile,
    env: {
      PATH: process.env['PATH'],
      ENVIRONMENT: 'development',
      HOST: '127.0.0.1',
      PORT: String(port),
      HEALTH_PORT: String(healthPort),
      INSTANCE_ID: `${name}-${env['ROLE'] ?? 'all'}`,
      DATABASE_APP_URL: urls.appUrl,
      DATABASE_WORKER_URL: urls.workerUrl,
      NATS_URL: context.natsUrls[name],
      JWKS_URL: issuer.jwksUrl,
      LOG_LEVEL: 'warn',
      NODE_OPTIONS: process.env['BENCH_PROFILE'] ? `${nodeOptions} --cpu-prof --cpu-prof-dir=/tmp/prof` : nodeOptions,
      OTEL_SERVICE_NAME: name,
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.01',
      ...env,
    },
  });
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  await untilReady(service, () => isOk(`${healthUrl}/health/ready`), 30_000);
  const startMs = Math.round(performance.now() - startedAt);
  return { process: service, url: `http://127.0.0.1:${port}`, healthUrl, startMs };
}

/** Resident memory of a process now, in MiB. */
export const rssMiB = (process: RunningProcess): number => memoryMiB(process, 'VmRSS');

/** The most that it has had resident. */
export const peakRssMiB = (process: RunningProcess): number => memoryMiB(process, 'VmHWM');

function memoryMiB(process: RunningProcess, what: string): number {
  const status = fs.readFileSync(`/proc/${process.pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
}

const isOk = (url: string) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
