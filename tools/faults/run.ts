import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { delay } from '../processes.mjs';
import { portsFrom, Stack } from '../stack.mjs';
import { freePortBlock } from './ports.ts';
import { audit } from './audit.ts';
import type { Ledger } from './audit.ts';
import { PatientClient } from './client.ts';
import { storm } from './nemesis.ts';
import type { Fault } from './nemesis.ts';
import { issueOverNats } from './policy-system.ts';
import { untilQuiet, untilRemembered } from './quiet.ts';
import { Random } from './random.ts';
import { startPartner } from './receiver.ts';
import { write } from './writers.ts';

export interface FaultRun {
  seed: number;
  /** At least so many; writers go on until the storm is over. */
  payments: number;
  faults: number;
  policies: number;
  rate: number;
  calmMs: readonly [number, number];
  log?: (line: string) => void;
}

export interface FaultReport extends Ledger {
  seed: number;
  faults: Record<string, number>;
  payments: number;
  reversals: number;
  tries: number;
  stormSeconds: number;
  healSeconds: number;
}

const PARTNER_TYPES = ['payment.posted', 'payment.reversed', 'instalment.paid'];
const WRITERS = 8;
const POLICIES_OVER_NATS_RATE = 4;

/** The whole stack, writers, a storm, peace, and then the audit. */
export async function runFaults(options: FaultRun): Promise<FaultReport> {
  const { seed, log = () => undefined } = options;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'quittance-faults-'));
  fs.chmodSync(dir, 0o755);
  const partner = await startPartner();
  // Not `fast`: a Postgres that says yes before it has written loses commits to a kill, and rightly so.
  const stack = new Stack({ dataDir: dir, ports: portsFrom(await freePortBlock()), keepAlive: true, log });
  let kept = true;
  try {
    await stack.start();
    const { gatewayUrl, databaseUrl, natsUrl: demoNatsUrl, tenants } = stack.info;
    const client = new PatientClient(gatewayUrl, tenants[0]!);
    await client.post('/webhook-endpoints', { url: partner.url, eventTypes: PARTNER_TYPES });
    const policies = await issuePolicies(client, options.policies);
    const startedAt = performance.now();
    const { struck, written, issued } = await weather(
      { stack, client, policies, natsStore: path.join(dir, 'nats') },
      options,
    );
    const stormSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
    log(`${written.posted.size} payments written, waiting for peace`);
    await untilTaken(client, [...issued.keys()].at(-1)!);
    const healSeconds = await untilQuiet(databaseUrl, 180_000);
    log(`at rest after ${healSeconds} s, comparing`);
    const wipedAt = struck.find(({ what }) => what.startsWith('wipe'))?.until;
    const told = { written, issued, wipedAt, partner, partnerTypes: PARTNER_TYPES };
    const ledger = await audit({ adminUrl: databaseUrl, demoNatsUrl, ...told });
    if (ledger.findings.length === 0) kept = false;
    const counts = { payments: written.posted.size, reversals: written.reversed.size, tries: client.tries };
    return { seed, faults: byKind(struck), ...counts, stormSeconds, healSeconds, ...ledger };
  } finally {
    await stack.stop();
    await partner.close();
    if (kept) log(`data and logs are kept in ${dir}`);
    else fs.rmSync(dir, { recursive: true, force: true });
  }
}

interface Scene {
  stack: Stack;
  client: PatientClient;
  policies: readonly string[];
  /** Where nats-server keeps its data. */
  natsStore: string;
}

/** The storm, and what is written in it: by clients over HTTP, and by a policy system over NATS. */
async function weather({ stack, client, policies, natsStore }: Scene, options: FaultRun) {
  const { seed, payments, faults, rate, calmMs, log = () => undefined } = options;
  let over = false;
  const writing = write({
    ...{ client, policies, rate, random: new Random(seed + 1), writers: WRITERS },
    enough: ({ posted }) => over && posted.size >= payments,
  });
  const issuing = issueOverNats({
    ...{ natsUrl: stack.info.policyNatsUrl, tenantId: stack.info.tenants[0]!.id, rate: POLICIES_OVER_NATS_RATE },
    policy: (locator) => policyBody(locator, '2026-01-01'),
    enough: () => over,
  });
  const struck = await storm({
    ...{ processes: stack.processes, natsStore, faults, calmMs, random: new Random(seed), log },
    untilStored: () => untilRemembered(stack.info.databaseUrl, 60_000),
  });
  over = true;
  const [written, issued] = await Promise.all([writing, issuing]);
  return { struck, written, issued };
}

/** The stream is read in order: once billing has the last policy, it has had all before it. */
async function untilTaken(client: PatientClient, locator: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; (await client.get(`/policies/${locator}`)).status !== 200;) {
    if (Date.now() > deadline) throw new Error('billing did not take the last policy over NATS within 60 s');
    await delay(200);
  }
}

/** Terms that began a year ago: twelve invoices of each are open from the start. */
async function issuePolicies(client: PatientClient, count: number): Promise<string[]> {
  const locators: string[] = [];
  for (let n = 1; n <= count; n++) {
    const { status, body } = await client.post('/policies', policyBody(`FAULT-${n}`, '2025-01-01'));
    if (status !== 201) throw new Error(`POST /policies: ${status} ${JSON.stringify(body)}`);
    locators.push(String(body['locator']));
    await delay(0);
  }
  return locators;
}

function policyBody(name: string, effectiveDate: string): object {
  return {
    policyNumber: name,
    policyholderLocator: `holder of ${name}`,
    currency: 'USD',
    timeZone: 'America/New_York',
    effectiveDate,
    expirationDate: `${Number(effectiveDate.slice(0, 4)) + 1}${effectiveDate.slice(4)}`,
    plan: '1year-monthly',
    collection: 'invoice',
    charges: [
      { category: 'premium', amount: '280.00' },
      { category: 'tax', amount: '28.00' },
    ],
  };
}

function byKind(struck: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what } of struck) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}
