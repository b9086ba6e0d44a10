import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { TokenIssuer } from '@quittance/testing/tokens';
import { freePorts } from '../../ports.mjs';
import { delay } from '../../processes.mjs';
import type { Processes } from '../../processes.mjs';
import { address } from '../../stack-env.mjs';
import { portsFrom, Stack } from '../../stack.mjs';
import type { Ledger } from '../audit.ts';
import { freePortBlock } from '../ports.ts';
import { Random } from '../random.ts';
import { auditKeys } from './audit.ts';
import { startLossyLine } from './lossy-line.ts';
import { killAtRandom, sendAll } from './storm.ts';
import type { Sent } from './storm.ts';

export interface KeyRun {
  seed: number;
  keys: number;
  kills: number;
  lostAnswers: number;
  /** Between two kills, at least and at most. */
  calmMs: readonly [number, number];
  log?: (line: string) => void;
}

export interface KeyReport extends Ledger {
  seed: number;
  keys: number;
  kills: number;
  lostAnswers: number;
  tries: number;
  statuses: Record<string, number>;
  /** The same key with another body, and how many of these were refused with 422. */
  reuseProbes: { sent: number; refused: number };
  stormSeconds: number;
  healSeconds: number;
  /** A client that makes a new key for each try, on the same line: what the audit says of it. */
  control: { orders: number; found: Record<string, number> };
}

const INSTANCES = ['payments', 'payments-2'];
const CONTROL_ORDERS = 20;
/** Short leases, so that what a kill leaves behind is taken over within the run; looks after 40 ms, 0.5 s, 12 s. */
const ENV = {
  ...{ PROVIDER_TIMEOUT_MS: '1500', ATTEMPT_LEASE_MS: '2500', UNKNOWN_RESOLVE_AFTER_MS: '40' },
  LOG_LEVEL: 'warn',
};

/** Two processes of payments under kill -9 and a line to the provider that loses answers, then the audit. */
export async function runKeys(options: KeyRun): Promise<KeyReport> {
  const { keys, lostAnswers, log = () => undefined } = options;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'quittance-keys-'));
  fs.chmodSync(dir, 0o755);
  const ports = portsFrom(await freePortBlock());
  const [issuer, line] = await Promise.all([
    TokenIssuer.start(),
    startLossyLine(address(ports.sandbox), { lose: lostAnswers, among: keys }),
  ]);
  const env = { payments: { ...ENV, PROVIDER_SANDBOX_URL: line.url, JWKS_URL: issuer.jwksUrl } };
  const stack = new Stack({ dataDir: dir, ports, keepAlive: true, only: ['payments'], env, log });
  let kept = true;
  try {
    await stack.start();
    const [port, health] = (await freePorts(2)) as [number, number];
    await stack.replica('payments', { as: INSTANCES[1]!, port, health });
    const urls = [address(ports.http['payments']!), address(port)];
    const site = { urls, issuer, adminUrl: stack.info.databaseUrl, sandboxStore: path.join(dir, 'sandbox.sqlite') };
    log('two processes of payments are ready: the storm begins');
    const report = await weather(options, site, { processes: stack.processes, lost: line.lost });
    kept = report.findings.length > 0;
    return report;
  } finally {
    await stack.stop();
    await Promise.all([line.close(), issuer.stop()]);
    if (kept) log(`data and logs are kept in ${dir}`);
    else fs.rmSync(dir, { recursive: true, force: true });
  }
}

interface Site {
  urls: readonly string[];
  issuer: TokenIssuer;
  adminUrl: string;
  sandboxStore: string;
}

interface Means {
  processes: Processes;
  lost: () => number;
}

async function weather(options: KeyRun, site: Site, { processes, lost }: Means): Promise<KeyReport> {
  const { seed, keys, kills, calmMs, log = () => undefined } = options;
  const startedAt = performance.now();
  // The keys last as long as the kills.
  const rate = Math.max(1, (2_000 * keys) / (kills * (calmMs[0] + calmMs[1])));
  const tenantId = randomUUID();
  const [sent, killed] = await Promise.all([
    send(site, { tenantId, name: 'key', count: keys, random: new Random(seed), rate }),
    killAtRandom({ processes, targets: INSTANCES, kills, calmMs, random: new Random(seed + 1) }),
  ]);
  const stormSeconds = seconds(startedAt);
  log(`${keys} keys answered, ${killed} kills, ${lost()} answers lost; waiting for what is unknown`);
  const healSeconds = await untilSettled(site.adminUrl, 180_000);
  const ledger = await auditKeys({ ...site, tenantId, told: sent.answers });
  const { tries, statuses, reuseProbes } = sent;
  const report = { seed, keys, kills: killed, lostAnswers: lost(), tries, statuses, reuseProbes, stormSeconds };
  return { ...report, healSeconds, ...ledger, control: await careless(site, seed) };
}

/** A checker that cannot fail proves nothing: the same audit over clients that do what nobody should. */
async function careless(site: Site, seed: number): Promise<KeyReport['control']> {
  const tenantId = randomUUID();
  const orders = { tenantId, name: 'careless', count: CONTROL_ORDERS, random: new Random(seed), rate: 1_000 };
  const { answers } = await send(site, { ...orders, isCareless: true });
  await untilSettled(site.adminUrl, 60_000);
  const { findings } = await auditKeys({ ...site, tenantId, told: answers });
  return { orders: CONTROL_ORDERS, found: Object.fromEntries(findings.map(({ what, count }) => [what, count])) };
}

interface Sending {
  tenantId: string;
  name: string;
  count: number;
  random: Random;
  rate: number;
  isCareless?: boolean;
}

async function send({ urls, issuer }: Site, sending: Sending): Promise<Sent> {
  const { tenantId, random, isCareless = false, ...orders } = sending;
  const scopes = ['payments:read', 'payments:write'];
  const token = await issuer.mint({ audience: 'payments', tenantId, scopes, expiresInSeconds: 24 * 3_600 });
  return sendAll({ ...orders, sender: { urls, token, random, isCareless } });
}

const OPEN = `SELECT (SELECT count(*) FROM payments.payments WHERE state = 'processing')::int AS open,
  (SELECT count(*) FROM payments.outbox_queue)::int AS queued`;

/** Until the resolver has asked about everything that nobody knows, and every event is out. */
async function untilSettled(adminUrl: string, timeoutMs: number): Promise<number> {
  const startedAt = performance.now();
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (;;) {
      const [left] = (await client.query<{ open: number; queued: number }>(OPEN)).rows;
      if (left?.open === 0 && left.queued === 0) return seconds(startedAt);
      if (performance.now() - startedAt > timeoutMs) throw new Error(`not settled: ${JSON.stringify(left)}`);
      await delay(100);
    }
  } finally {
    await client.end();
  }
}

const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10;
