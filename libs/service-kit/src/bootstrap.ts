import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceConfig } from './config/service-config.ts';
import { Database } from './database/database.ts';
import { Idempotency } from './database/idempotency.ts';
import { HealthServer } from './health/health-server.ts';
import { Readiness } from './health/readiness.ts';
import { installHttp } from './http/install.ts';
import type { ProblemCatalogue } from './http/problem.ts';
import { createHttpAdapter } from './http/server.ts';
import { PROBLEMS } from './kit.module.ts';
import { NatsLink } from './messaging/nats-link.ts';
import { serveOpenApi } from './openapi.ts';
import { assertShutdownFits, shutdown } from './shutdown.ts';
import type { Phase } from './shutdown.ts';
import { flushTelemetry } from './telemetry/flush.ts';
import { PinoLogger } from './telemetry/logger.ts';
import { metrics } from './telemetry/metrics.ts';
import { Work } from './worker/work.ts';

export interface ServiceOptions {
  name: string;
  /** Imports `kitModule(…)`. */
  module: Type<object> | DynamicModule;
  config: ServiceConfig;
  /** Where it differs from the one given to `kitModule`. */
  problems?: ProblemCatalogue;
  /** Whether `/openapi.json` describes this service's controllers; false where it serves another document there. */
  openApi?: boolean;
  /** What only this service needs of its HTTP server, before routes are made: a proxy, another content type. */
  configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

export interface RunningService {
  app: NestFastifyApplication;
  /** Absent in `ROLE=worker`, which opens no HTTP port. */
  url?: string;
  healthUrl: string;
  /** Drains in the order of a stop signal; the process goes on. */
  stop: () => Promise<void>;
}

/** The HTTP half of a service, wired and initialised but not listening: what tests `inject` into. */
export async function createService(options: ServiceOptions): Promise<NestFastifyApplication> {
  const { name, module, config } = options;
  const app = await NestFactory.create<NestFastifyApplication>(module, createHttpAdapter(config), {
    bufferLogs: true,
    abortOnError: false,
    bodyParser: false,
  });
  const logger = app.get(PinoLogger);
  const readiness = app.get(Readiness);
  app.useLogger(logger);
  installHttp(app, {
    logger,
    idempotency: app.get(Idempotency),
    problems: options.problems ?? app.get<ProblemCatalogue>(PROBLEMS),
    problemsUrl: config.problemsUrl,
    isDraining: () => readiness.isDraining,
  });
  if (options.openApi ?? true) serveOpenApi(app, name);
  await options.configure?.(app);
  await app.init();
  return app;
}

/** A whole service: `main.ts` is this one call. It ends the process by itself, with 0 after a clean stop. */
export async function startService(options: ServiceOptions): Promise<void> {
  // Listening before the start: a stop that comes meanwhile is no kill, it waits until there is something to stop.
  const signalled = stopSignal(options.config.shutdownBudgetMs);
  try {
    const { app, stop } = await runService(options);
    app.get(PinoLogger).pino.info({ signal: await signalled }, 'draining');
    await stop();
    process.exit(0);
  } catch (error) {
    // Nest buffers its log until there is a logger: this may be the only line that gets out.
    process.stderr.write(`${options.name} does not start: ${(error as Error).stack ?? String(error)}\n`);
    process.exit(1);
  }
}

/** The first stop signal. From then on the process has its budget, then it ends. A second signal does not hurry it. */
function stopSignal(budgetMs: number): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      setTimeout(() => process.exit(1), budgetMs).unref();
      resolve(signal);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  });
}

/** As `startService`, inside a process that goes on: for tests of a whole service. */
export async function runService(options: ServiceOptions): Promise<RunningService> {
  const { name, config } = options;
  // Before anything is opened: a budget that does not add up is a wrong configuration like any other.
  assertShutdownFits(budgetsOf(config), config.shutdownBudgetMs);
  const app = await createService(options);
  const readiness = app.get(Readiness);
  const health = new HealthServer(readiness, metrics);
  const { pino } = app.get(PinoLogger);
  const work = new Work(app, name);
  const phases = shutdownPhases({ app, health, work, config });
  const onTrouble = (phase: string, error: unknown) => pino.error({ err: error, phase }, 'trouble while stopping');
  metrics.collectProcess();
  let healthPort: number;
  try {
    healthPort = await health.listen(config.healthPort, config.host);
    await work.start();
    if (config.role !== 'worker') await app.listen(config.port, config.host);
  } catch (error) {
    // What is open already would keep the process alive.
    await shutdown(phases, onTrouble);
    throw error;
  }
  readiness.markStarted();
  const url = config.role === 'worker' ? undefined : await app.getUrl();
  pino.info({ role: config.role, url, healthPort, ms: Math.round(process.uptime() * 1000) }, `${name} is up`);
  let stopped: Promise<void> | undefined;
  return {
    app,
    ...(url === undefined ? {} : { url }),
    healthUrl: `http://${config.host}:${healthPort}`,
    stop: () => (stopped ??= shutdown(phases, onTrouble)),
  };
}

interface Parts {
  app: NestFastifyApplication;
  health: HealthServer;
  work: Work;
  config: ServiceConfig;
}

/** What each step of leaving may take: together less than the whole budget. */
function budgetsOf({
  drainHttpMs,
  drainWorkMs,
}: ServiceConfig): Record<'http' | 'work' | 'connections' | 'telemetry', number> {
  return { http: drainHttpMs, work: drainWorkMs, connections: 2_000, telemetry: 2_000 };
}

/** Stop asking for work, finish what runs, say what was decided, give connections back, in this order. */
function shutdownPhases({ app, health, work, config }: Parts): Phase[] {
  const budgets = budgetsOf(config);
  const closeHttp = async () => {
    app.get(Readiness).markDraining();
    await app.getHttpAdapter().getInstance().close();
  };
  const closeConnections = async () => {
    await app.close();
    await app.get<NatsLink | null>(NatsLink)?.drain();
    await app.get(Database).close();
  };
  return [
    { name: 'http', budgetMs: budgets.http, run: closeHttp },
    { name: 'work', budgetMs: budgets.work, run: () => work.stop() },
    { name: 'connections', budgetMs: budgets.connections, run: closeConnections },
    { name: 'telemetry', budgetMs: budgets.telemetry, run: () => Promise.all([flushTelemetry(), health.close()]) },
  ];
}
