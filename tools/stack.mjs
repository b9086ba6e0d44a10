// The whole stack as processes on this machine: Postgres, NATS, migrations, provisioning, the sandbox provider and the
// services from source. `npm start` runs it, and so do tests that need all of it, on other ports and folders.
// Plain JS: nothing is built.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { developmentSecrets, natsTopology } from './infra.mjs';
import { startNats } from './nats.mjs';
import { areFree, checkPorts } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { Processes, root, sourceArgs } from './processes.mjs';
import { sandboxPortOffset, services } from './services.mjs';
import { address, databaseUrlFor, serviceEnvironment } from './stack-env.mjs';

/** Ports from the environment, as documented: PORT_BASE, PG_PORT, NATS_PORT. */
export function portsFrom(env) {
  const base = Number(env.PORT_BASE ?? 8080);
  const http = Object.fromEntries(services.map(({ name, portOffset }) => [name, base + portOffset]));
  return {
    postgres: Number(env.PG_PORT ?? 55432),
    nats: Number(env.NATS_PORT ?? 4222),
    sandbox: base + sandboxPortOffset,
    http,
    health: Object.fromEntries(Object.entries(http).map(([name, port]) => [name, port + 1000])),
  };
}

function portList(ports, { databaseUrl, natsUrl }) {
  const all = [
    ...Object.entries(ports.http).map(([name, port]) => ({ port, what: name })),
    ...Object.entries(ports.health).map(([name, port]) => ({ port, what: `health of ${name}` })),
    { port: ports.sandbox, what: 'the sandbox provider' },
  ].map((entry) => ({ ...entry, variable: 'PORT_BASE' }));
  if (!databaseUrl) all.push({ port: ports.postgres, what: 'Postgres', variable: 'PG_PORT' });
  if (!natsUrl) all.push({ port: ports.nats, what: 'NATS', variable: 'NATS_PORT' });
  return all;
}

/** The first choice of each variable that is not set, and the step to the next one. */
const choices = { PORT_BASE: [8080, 100], PG_PORT: [55432, 1], NATS_PORT: [4222, 1] };
const CHOICES_MAX = 10;

/** As `portsFrom`, but where nobody chose and something else listens, the next ports are taken, and it is said. */
export async function portsNotTaken(env, given, log) {
  const chosen = { ...env };
  for (const [variable, [first, step]] of Object.entries(choices)) {
    if (env[variable]) continue;
    for (let n = 0; n < CHOICES_MAX; n++) {
      chosen[variable] = String(first + n * step);
      const own = portList(portsFrom(chosen), given).filter((entry) => entry.variable === variable);
      if (await areFree(own)) break;
    }
    if (chosen[variable] !== String(first)) log(`ports from ${first} are taken: ${variable}=${chosen[variable]}`);
  }
  return portsFrom(chosen);
}

/** Two servers on one folder would ruin it, and other ports would let the second one start. */
function refuseSecondStart(dataDir) {
  const file = path.join(dataDir, 'pg/postmaster.pid');
  const pid = fs.existsSync(file) ? Number.parseInt(fs.readFileSync(file, 'utf8'), 10) : undefined;
  if (!pid) return;
  try {
    process.kill(pid, 0);
  } catch {
    return; // left behind by a server that was killed
  }
  throw new Error(`already running from ${dataDir} (Postgres is process ${pid}): stop it, or set DATA_DIR`);
}

/**
 * @typedef {object} StackOptions
 * @property {string} dataDir databases, streams, secrets and logs
 * @property {ReturnType<typeof portsFrom>} ports
 * @property {string} [databaseUrl] an administrator's URL; without it Postgres is started
 * @property {string} [natsUrl] a URL whose user may do everything; without it nats-server is started
 * @property {string[]} [only] not every service, but these
 * @property {boolean} [built] services from `dist`, as production runs them, instead of from source
 * @property {boolean} [fast] no durability in Postgres: for tests
 * @property {boolean} [keepAlive] what dies is started again
 * @property {Record<string, Record<string, string>>} [env] more environment variables of a service
 * @property {(line: string) => void} [log]
 * @property {(process: object, how: string) => void} [onDeath]
 */

export class Stack {
  #started = performance.now();
  #stopping;

  /** @param {StackOptions} options */
  constructor(options) {
    this.options = { log: () => undefined, env: {}, ...options };
    const { keepAlive = false, onDeath } = options;
    this.processes = new Processes({ keepAlive, onDeath });
    this.logs = path.join(options.dataDir, 'logs');
  }

  /** Everything up and ready, or an error that says what is wrong. */
  async start() {
    const { ports, dataDir } = this.options;
    refuseSecondStart(dataDir);
    await checkPorts(portList(ports, this.options));
    fs.mkdirSync(dataDir, { recursive: true });
    this.#keepOldLogs();
    const topology = await natsTopology();
    this.secrets = await developmentSecrets(path.join(dataDir, 'secrets.json'), topology.users);
    await Promise.all([this.#postgres(), this.#nats(topology)]);
    this.#said('Postgres and NATS');
    await Promise.all([this.#migrate().then(() => this.#seed()), this.#provision(), this.#sandbox()]);
    this.#said('roles, migrations, streams, demo tenants');
    const { only = services.map(({ name }) => name) } = this.options;
    await Promise.all(
      only.map((name) => this.#service(name, { as: name, port: ports.http[name], health: ports.health[name] })),
    );
    this.#said('all services are ready');
    return this;
  }

  /** Services first, so that they can say what they have decided; what they say it to last. */
  stop() {
    const names = services.map(({ name }) => name);
    return (this.#stopping ??= this.processes.stopAll(
      [...names, 'sandbox', 'provision'],
      ['nats-server'],
      ['postgres'],
    ));
  }

  /** What `.quittance/stack.json` says. */
  get info() {
    const { ports } = this.options;
    const urls = (of) => Object.fromEntries(Object.entries(of).map(([name, port]) => [name, address(port)]));
    const { gateway, ...internal } = urls(ports.http);
    return {
      gatewayUrl: gateway,
      natsUrl: this.natsUrls.demo,
      policyNatsUrl: this.natsUrls.policy,
      databaseUrl: this.databaseUrl,
      services: internal,
      health: urls(ports.health),
      tenants: this.secrets.tenants,
    };
  }

  #said(what) {
    this.options.log(`${what} (${((performance.now() - this.#started) / 1000).toFixed(1)} s)`);
  }

  /** One generation: enough to read what happened before a restart, and the folder does not grow for ever. */
  #keepOldLogs() {
    if (fs.existsSync(this.logs)) fs.cpSync(this.logs, `${this.logs}.previous`, { recursive: true });
    fs.rmSync(this.logs, { recursive: true, force: true });
    fs.mkdirSync(this.logs, { recursive: true });
  }

  #logFile = (name) => path.join(this.logs, `${name}.log`);

  async #postgres() {
    const { databaseUrl, ports, dataDir, fast } = this.options;
    if (databaseUrl) return void (this.databaseUrl = databaseUrl);
    const start = () =>
      startPostgres({ dir: path.join(dataDir, 'pg'), port: ports.postgres, logFile: this.#logFile('postgres'), fast });
    const server = await this.processes.adopt('postgres', start);
    this.databaseUrl = server.url;
  }

  async #nats({ users, config }) {
    const { natsUrl, ports, dataDir } = this.options;
    if (natsUrl) {
      this.natsUrls = Object.fromEntries(users.map((user) => [user, natsUrl]));
      this.options.log('NATS_URL is given: every service uses its credentials, which must be allowed everything');
      return;
    }
    const file = path.join(dataDir, 'nats.conf');
    fs.writeFileSync(file, config);
    const start = () =>
      startNats({
        dir: path.join(dataDir, 'nats'),
        port: ports.nats,
        config: file,
        passwords: this.secrets.nats,
        logFile: this.#logFile('nats-server'),
      });
    const server = await this.processes.adopt('nats-server', start);
    this.natsUrls = server.urls;
  }

  #migrate() {
    const passwords = Object.entries(this.secrets.roles).map(([login, password]) => [
      `${login.toUpperCase()}_PASSWORD`,
      password,
    ]);
    const env = { DATABASE_ADMIN_URL: this.databaseUrl, ...Object.fromEntries(passwords) };
    return this.#run('migrate', [path.join(root, 'tools/migrate.ts')], { env });
  }

  /** The gateway owns tenants, clients and partners' keys; seeding again changes nothing. */
  #seed() {
    const { tenants, credentialPepper: pepper, apiSecretsKey, roles } = this.secrets;
    const workerUrl = databaseUrlFor(this.databaseUrl, 'gateway_worker', roles.gateway_worker);
    const input = JSON.stringify({ tenants, pepper, apiSecretsKey, workerUrl });
    const script = path.join(root, 'apps/gateway/src/seed.ts');
    return this.#run('seed', [script], { env: { ENVIRONMENT: 'development' }, input });
  }

  #provision() {
    return this.processes.start({
      name: 'provision',
      command: process.execPath,
      args: [...sourceArgs, path.join(root, 'tools/provision.ts'), '--loop'],
      env: { PATH: process.env.PATH, NATS_URL: this.natsUrls.provisioner },
      logFile: this.#logFile('provision'),
      ready: () => fs.readFileSync(this.#logFile('provision'), 'utf8').includes('"provisioned"'),
    });
  }

  #sandbox() {
    const { ports, dataDir } = this.options;
    return this.processes.start({
      name: 'sandbox',
      command: process.execPath,
      args: [...sourceArgs, 'src/sandbox/main.ts'],
      cwd: path.join(root, 'apps/payments'),
      env: {
        PATH: process.env.PATH,
        HOST: '127.0.0.1',
        PORT: String(ports.sandbox),
        SANDBOX_STORE: path.join(dataDir, 'sandbox.sqlite'),
        // An ACH debit on real time posts after ten seconds here, and after a business day on a test clock.
        SANDBOX_DAY_MS: '10000',
        NOTIFY_URL: `${address(ports.http.payments)}/provider-notifications/sandbox`,
        NOTIFY_SECRET: this.secrets.sandboxSecret,
      },
      logFile: this.#logFile('sandbox'),
      ready: () => isOk(`${address(ports.sandbox)}/health`),
    });
  }

  /** One more process of a service, on ports of its own. */
  replica(name, { as, port, health }) {
    return this.#service(name, { as, port, health });
  }

  #service(name, { as, port, health }) {
    const { env, built } = this.options;
    const telemetry = ['--import', '@quittance/service-kit/telemetry/otel'];
    const own = { INSTANCE_ID: `${as}-0`, PORT: String(port), HEALTH_PORT: String(health) };
    return this.processes.start({
      name: as,
      command: process.execPath,
      args: built ? [...telemetry, 'dist/main.js'] : [...sourceArgs, ...telemetry, 'src/main.ts'],
      cwd: path.join(root, 'apps', name),
      env: { ...serviceEnvironment(name, this), ...own, ...env[name] },
      logFile: this.#logFile(as),
      ready: () => isOk(`${address(health)}/health/ready`),
    });
  }

  /** A command that has to succeed before anything else goes on. */
  async #run(name, args, { env, input }) {
    const logFile = this.#logFile(name);
    const log = fs.openSync(logFile, 'a');
    const child = spawn(process.execPath, [...sourceArgs, ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['pipe', log, log],
    });
    fs.closeSync(log);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const code = await new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
    if (code !== 0) throw new Error(`${name} failed:\n${fs.readFileSync(logFile, 'utf8').slice(-3000)}`);
  }
}

const isOk = (url) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
