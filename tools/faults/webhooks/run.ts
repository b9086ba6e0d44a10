import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { Api } from '@quittance/testing/api';
import { TokenIssuer } from '@quittance/testing/tokens';
import { migrations } from '../../../apps/webhooks/src/migrations/all.ts';
import { startContext } from '../../bench/context.ts';
import type { BenchContext } from '../../bench/context.ts';
import { HelperProcess } from '../../bench/helper-process.ts';
import type { Generated } from '../../bench/webhooks-generator.ts';
import type { Phase } from '../../bench/webhooks-ids.ts';
import { reconcile } from '../../bench/webhooks-ledger.ts';
import type { LedgerInput, WebhookLedger } from '../../bench/webhooks-ledger.ts';
import type { ArrivalLog } from '../../bench/webhooks-receiver.ts';
import { delay, Processes } from '../../processes.mjs';
import type { Finding } from '../audit.ts';
import { Random } from '../random.ts';
import { startDispatcher } from './dispatchers.ts';
import type { Dispatcher } from './dispatchers.ts';
import { storm } from './storm.ts';

export interface WebhookRun {
  seed: number;
  faults: number;
  /** Events a second, as long as the storm lasts. */
  rate: number;
  calmMs: readonly [number, number];
  pauseMs: number;
  log?: (line: string) => void;
}

export interface WebhookReport {
  seed: number;
  faults: Record<string, number>;
  clockSkewMs: Record<string, number>;
  stormSeconds: number;
  healSeconds: number;
  findings: Finding[];
  counted: WebhookLedger['counted'];
  /** Requests that were out and not written down when a process died or was stopped, at most. */
  underWayAtMost: number;
  /** The same comparison over a log with one request too few, and with a thousand too many: what it finds. */
  control: { lost: string[]; repeated: string[] };
}

const TENANTS = 20;
const HOUR_MS = 3_600_000;
const SKEW_MS = { 'webhooks-a': HOUR_MS, 'webhooks-b': -HOUR_MS };
const FAIL_FIRST = 0.1;
const WAITS = ['0', ...Array.from({ length: 40 }, () => '1000')].join(',');

/**
 * Two dispatchers whose clocks are an hour off to either side, under kill -9 and SIGSTOP, and a receiver that refuses
 * one event in ten at first; then the books of producer, receiver and log are compared, delivery by delivery.
 */
export async function runWebhooks(options: WebhookRun): Promise<WebhookReport> {
  const { log = () => undefined } = options;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'quittance-webhooks-'));
  fs.chmodSync(dir, 0o755);
  const context = await startContext(dir);
  const issuer = await TokenIssuer.start();
  const processes = new Processes({ keepAlive: true });
  const helpers = { receiver: helper('receiver'), generator: helper('generator') };
  const admin = new pg.Pool({ connectionString: context.adminUrl, max: 2 });
  admin.on('error', () => undefined);
  try {
    const env = await environment(context, issuer);
    // HTTP apart: a token is not valid by a clock that is an hour off.
    const api = await startDispatcher({
      name: 'webhooks-api',
      processes,
      dir,
      env: { ...env, ROLE: 'api' },
      skewMs: 0,
    });
    const dispatchers: Dispatcher[] = [];
    for (const [name, skewMs] of Object.entries(SKEW_MS)) {
      dispatchers.push(await startDispatcher({ name, processes, dir, env, skewMs }));
    }
    const scene = { context, issuer, processes, apiUrl: api.url, dispatchers, admin, ...helpers };
    log('two dispatchers are ready: the storm begins');
    return await weather(scene, options);
  } finally {
    await processes.stopAll();
    for (const each of Object.values(helpers)) each.stop();
    await admin.end();
    await issuer.stop();
    await context.stop();
  }
}

const helper = (what: string) => HelperProcess.start(`webhooks-${what}.ts`);

interface Scene {
  context: BenchContext;
  issuer: TokenIssuer;
  processes: Processes;
  apiUrl: string;
  dispatchers: readonly Dispatcher[];
  admin: pg.Pool;
  receiver: HelperProcess;
  generator: HelperProcess;
}

async function environment(context: BenchContext, issuer: TokenIssuer): Promise<Record<string, string | undefined>> {
  const { appUrl, workerUrl } = await context.prepare('webhooks', migrations);
  return {
    ...{ PATH: process.env['PATH'], ENVIRONMENT: 'development', HOST: '127.0.0.1', LOG_LEVEL: 'warn' },
    ...{ DATABASE_APP_URL: appUrl, DATABASE_WORKER_URL: workerUrl, NATS_URL: context.natsUrls.webhooks },
    ...{ JWKS_URL: issuer.jwksUrl, SECRETS_KEY: `dev-${randomBytes(32).toString('base64')}` },
    ...{ WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8', WEBHOOK_RETRY_SCHEDULE_MS: WAITS },
  };
}

async function weather(scene: Scene, options: WebhookRun): Promise<WebhookReport> {
  const { receiver, generator, admin, processes, dispatchers } = scene;
  const { seed, rate, log = () => undefined } = options;
  const tenants = Array.from({ length: TENANTS }, () => randomUUID());
  const endpointIds = await createEndpoints(scene, tenants);
  await receiver.ask('behave', [{ endpoints: endpointIds.map((_, n) => n), failFirst: FAIL_FIRST }]);
  await generator.ask('begin', { natsUrl: scene.context.natsUrls.payments, tenants });
  const underWay = new UnderWay(receiver, admin);
  const startedAt = performance.now();
  const phases: LedgerInput['phases'][number][] = [];
  let over = false;
  const publishing = (async () => {
    for (let from = 0; !over; from += rate) {
      const phase: Phase = { from, count: rate, rate, weights: tenants.map(() => 1) };
      phases.push({ phase, generated: await generator.ask<Generated>('generate', phase) });
    }
  })();
  const random = new Random(seed);
  const faults = await storm({ ...options, processes, dispatchers, random, struck: () => underWay.look(), log });
  over = true;
  await publishing;
  const stormSeconds = seconds(startedAt);
  const events = phases.length * rate;
  log(`${events} events published, waiting for peace`);
  const healSeconds = await untilDelivered(admin, events, 300_000);
  const arrivals = await receiver.ask<ArrivalLog>('log');
  const endpointsOf = tenants.map((_, n) => [n]);
  const books = { adminUrl: scene.context.adminUrl, phases, arrivals, endpointIds, endpointsOf };
  const ledger = await reconcile({ ...books, unsettledAtKills: underWay.most });
  return {
    ...{ seed, faults, clockSkewMs: SKEW_MS, stormSeconds, healSeconds },
    findings: ledger.faults.map((what) => ({ what, count: 1, sample: [] })),
    ...{ counted: ledger.counted, underWayAtMost: underWay.most, control: await control(books) },
  };
}

async function createEndpoints(scene: Scene, tenants: readonly string[]): Promise<string[]> {
  const port = await scene.receiver.ask<number>('listen');
  const ids: string[] = [];
  for (const [n, tenantId] of tenants.entries()) {
    const claims = { audience: 'webhooks', tenantId, scopes: ['webhooks:write'], expiresInSeconds: 24 * 3_600 };
    const api = Api.withToken(scene.apiUrl, await scene.issuer.mint(claims));
    const { status, body } = await api.post<{ id: string }>('/webhook-endpoints', {
      url: `http://127.0.0.1:${port}/e/${n}`,
    });
    if (status !== 201) throw new Error(`POST /webhook-endpoints: ${status} ${JSON.stringify(body)}`);
    ids.push(body.id);
  }
  return ids;
}

/** Requests that the log does not know: those of the dead it will never know, those of the living it will soon. */
class UnderWay {
  most = 0;

  constructor(
    private readonly receiver: HelperProcess,
    private readonly admin: pg.Pool,
  ) {}

  async look(): Promise<void> {
    const received = await this.receiver.ask<number>('count');
    const { rows } = await this.admin.query<{ logged: number }>(
      `SELECT count(*)::int AS logged FROM webhooks.attempts WHERE status IS NOT NULL`,
    );
    this.most = Math.max(this.most, received - rows[0]!.logged);
  }
}

async function untilDelivered(admin: pg.Pool, events: number, timeoutMs: number): Promise<number> {
  const startedAt = performance.now();
  const left = `SELECT $1 - (SELECT count(*) FROM webhooks.messages)::int AS missing,
                       (SELECT count(*) FROM webhooks.deliveries)::int AS open`;
  for (;;) {
    const [row] = (await admin.query<{ missing: number; open: number }>(left, [events])).rows;
    if (row!.missing === 0 && row!.open === 0) return seconds(startedAt);
    if (performance.now() - startedAt > timeoutMs) throw new Error(`not delivered: ${JSON.stringify(row)}`);
    await delay(200);
  }
}

/** A comparison that cannot fail proves nothing. */
async function control(books: LedgerInput): Promise<WebhookReport['control']> {
  const { arrivals } = books;
  const shorter = { ...arrivals, length: arrivals.length - 1 };
  const lost = await reconcile({ ...books, arrivals: shorter, unsettledAtKills: Infinity });
  const repeated = await reconcile({ ...books, arrivals: withSomeTwice(books), unsettledAtKills: Infinity });
  return { lost: lost.faults, repeated: repeated.faults };
}

/** The last thousand requests came a second time, and nothing says why; one alone may be one that is marked. */
function withSomeTwice({ arrivals }: LedgerInput): ArrivalLog {
  const { event, endpoint, status, length } = arrivals;
  const added = Math.min(1_000, length);
  const again = <T extends Uint32Array | Uint16Array>(column: T) => {
    const longer = new (column.constructor as new (size: number) => T)(length + added);
    longer.set(column.subarray(0, length));
    longer.set(column.subarray(length - added, length), length);
    return longer;
  };
  return { ...arrivals, length: length + added, event: again(event), endpoint: again(endpoint), status: again(status) };
}

const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10;
