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
import { untilQuiet } from './quiet.ts';
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

/** The whole stack, writers, a storm, peace, and then the audit. */
export async function runFaults(options: FaultRun): Promise<FaultReport> {
  const { seed, payments, faults, policies, rate, calmMs, log = () => undefined } = options;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'quittance-faults-'));
  fs.chmodSync(dir, 0o755);
  const partner = await startPartner();
  // Not `fast`: a Postgres that says yes before it has written loses commits to a kill, and rightly so.
  const stack = new Stack({ dataDir: dir, ports: portsFrom(await freePortBlock()), keepAlive: true, log });
  let kept = true;
  try {
    await stack.start();
    const { gatewayUrl, databaseUrl, natsUrl, tenants } = stack.info;
    const client = new PatientClient(gatewayUrl, tenants[0]!);
    await client.post('/webhook-endpoints', { url: partner.url, eventTypes: PARTNER_TYPES });
    const insured = await issuePolicies(client, policies);
    const startedAt = performance.now();
    let over = false;
    const writing = write({
      client,
      policies: insured,
      random: new Random(seed + 1),
      writers: WRITERS,
      rate,
      enough: ({ posted }) => over && posted.size >= payments,
    });
    const natsStore = path.join(dir, 'nats');
    const struck = await storm({
      processes: stack.processes,
      natsStore,
      faults,
      calmMs,
      random: new Random(seed),
      log,
    });
    over = true;
    const written = await writing;
    const stormSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
    log(`${written.posted.size} payments written, waiting for peace`);
    const healSeconds = await untilQuiet(databaseUrl, 180_000);
    log(`at rest after ${healSeconds} s, comparing`);
    const ledger = await audit({
      adminUrl: databaseUrl,
      demoNatsUrl: natsUrl,
      written,
      partner,
      partnerTypes: PARTNER_TYPES,
    });
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

/** Terms that began a year ago: twelve invoices of each are open from the start. */
async function issuePolicies(client: PatientClient, count: number): Promise<string[]> {
  const locators: string[] = [];
  for (let n = 1; n <= count; n++) {
    const { status, body } = await client.post('/policies', {
      policyNumber: `FAULT-${n}`,
      policyholderLocator: `holder-${n}`,
      currency: 'USD',
      timeZone: 'America/New_York',
      effectiveDate: '2025-01-01',
      expirationDate: '2026-01-01',
      plan: '1year-monthly',
      collection: 'invoice',
      charges: [
        { category: 'premium', amount: '280.00' },
        { category: 'tax', amount: '28.00' },
      ],
    });
    if (status !== 201) throw new Error(`POST /policies: ${status} ${JSON.stringify(body)}`);
    locators.push(String(body['locator']));
    await delay(0);
  }
  return locators;
}

function byKind(struck: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what } of struck) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}
