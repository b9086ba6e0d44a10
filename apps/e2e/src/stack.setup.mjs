// Jest's globalSetup: the whole stack on free ports in a folder of its own, with two more clients than `npm start`
// makes. Tests find it through stack.ts.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { developmentSecrets, natsTopology } from '../../../tools/infra.mjs';
import { freePorts } from '../../../tools/ports.mjs';
import { services } from '../../../tools/services.mjs';
import { Stack } from '../../../tools/stack.mjs';
import { startCollector } from './collector.mjs';

/** Spans are kept for those requests only whose caller asks for it, and leave the processes at once. */
const tracing = (url) => ({
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_TRACES_SAMPLER: 'parentbased_always_off',
  OTEL_BSP_SCHEDULE_DELAY: '100',
});

async function stackPorts() {
  const names = services.map(({ name }) => name);
  const [postgres, nats, sandbox, ...others] = await freePorts(3 + 2 * names.length);
  const named = (from) => Object.fromEntries(names.map((name, i) => [name, others[from + i]]));
  return { postgres, nats, sandbox, http: named(0), health: named(names.length) };
}

/**
 * Beside the two demo tenants one that nobody writes to, two whose test clocks walk, through a year and a month, and a
 * client of the first that may do nothing.
 */
async function writeSecrets(file) {
  const { users } = await natsTopology();
  const files = [file, `${file}.more`, `${file}.most`];
  const [secrets, more, most] = await Promise.all(files.map((each) => developmentSecrets(each, users)));
  const [{ id, name, currency }] = secrets.tenants;
  const [idle, powerless] = more.tenants;
  const [subscriber, bookkeeper] = most.tenants;
  secrets.tenants.push({ ...idle, name: 'idle' }, { ...powerless, id, name, currency, scopes: ['audit:read'] });
  secrets.tenants.push({ ...subscriber, name: 'subscriber' }, { ...bookkeeper, name: 'bookkeeper', currency });
  fs.writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
}

export default async function setup() {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'quittance-e2e-'));
  // Postgres may run as another user than this one, and has to get in
  fs.chmodSync(dataDir, 0o755);
  const secretsFile = path.join(dataDir, 'secrets.json');
  await writeSecrets(secretsFile);
  const collector = await startCollector();
  const env = Object.fromEntries(services.map(({ name }) => [name, tracing(collector.url)]));
  // a test that sends wrong credentials on every route is not an attack
  env.gateway.AUTH_FAILURES_BURST = '100000';
  const deaths = [];
  const onDeath = (process, how) => deaths.push(`${how}:\n${process.tail()}`);
  const stack = new Stack({ dataDir, ports: await stackPorts(), fast: true, env, onDeath });
  globalThis.e2e = { stack, dataDir, collector, deaths };
  try {
    await stack.start();
  } catch (error) {
    await stack.stop();
    throw error;
  }
  const { info, natsUrls } = stack;
  const [demo, second, idle, powerless, subscriber, bookkeeper] = info.tenants;
  const places = { secretsFile, logs: path.join(dataDir, 'logs'), collectorUrl: collector.url };
  process.env.E2E_STACK = JSON.stringify({
    info,
    natsUrls,
    demo,
    second,
    idle,
    powerless,
    subscriber,
    bookkeeper,
    ...places,
  });
}
