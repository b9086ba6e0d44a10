import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@quittance/testing/eventually';
import { checkPorts, freePorts } from './ports.mjs';
import { launch, Processes, untilReady } from './processes.mjs';
import { portsNotTaken } from './stack.mjs';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // one that ended stays in the table until its parent looks
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

describe('processes', () => {
  let dir: string;
  const shell = (name: string, script: string) => ({
    name,
    command: 'sh',
    args: ['-c', script],
    logFile: join(dir, `${name}.log`),
  });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'quittance-processes-'));
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('say why they did not become ready, with what they wrote last', async () => {
    const process = launch(shell('broken', 'echo no such disk; exit 3'));
    await expect(untilReady(process, () => false, 5_000)).rejects.toThrow(/broken ended \(3\).*\n.*no such disk/);
  });

  it('say so when the command does not exist', async () => {
    const process = launch({ ...shell('absent', ''), command: '/no/such/command' });
    await expect(untilReady(process, () => false, 5_000)).rejects.toThrow('absent did not start');
  });

  it('are killed when they do not stop in time', async () => {
    const process = launch(shell('stubborn', 'trap "" TERM; echo up; while :; do sleep 1; done'));
    await untilReady(process, () => process.tail() === 'up', 5_000);
    expect(await process.stop('SIGTERM', 100)).toBe('stubborn ended (SIGKILL)');
  });

  it('end with the process that started them, however it ends', async () => {
    const script = `
      import { launch } from ${JSON.stringify(new URL('./processes.mjs', import.meta.url).href)};
      const logFile = ${JSON.stringify(join(dir, 'child.log'))};
      const child = launch({ name: 'child', command: 'sleep', args: ['600'], logFile });
      console.log(child.pid);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (data: Buffer) => resolve(Number(data.toString()))),
    );
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => !isAlive(pid));
  });

  it('report a death nobody asked for, and only that', async () => {
    const deaths: string[] = [];
    const processes = new Processes({ onDeath: ({ name }, how) => deaths.push(`${name}: ${how}`) });
    await processes.start(shell('asked', 'sleep 600'));
    await processes.kill('asked');
    await processes.start(shell('alone', 'exit 4'));
    await eventually(() => deaths.length > 0);
    expect(deaths).toEqual(['alone: alone ended (4)']);
  });

  it('come back under keepAlive, and can be restarted by name', async () => {
    const processes = new Processes({ keepAlive: true });
    const first = await processes.start(shell('service', 'sleep 600'));
    await processes.kill('service');
    const second = await eventually(() => {
      const { pid } = processes.get('service');
      return pid !== first.pid && pid;
    });
    await processes.restart('service');
    expect(processes.get('service').pid).not.toBe(second);
    await processes.stopAll();
    expect(processes.get('service').running()).toBe(false);
  });
});

describe('ports', () => {
  it('that nobody chose move on where something else listens, and that is said', async () => {
    const said: string[] = [];
    // Postgres and NATS of another run may be up: only the services' ports are looked at.
    const chosen = { PG_PORT: '1', NATS_PORT: '1' };
    const free = await portsNotTaken(chosen, {}, () => undefined);
    const taken = createServer().listen(free.http['billing'], '127.0.0.1');
    await once(taken, 'listening');
    const moved = await portsNotTaken(chosen, {}, (line) => said.push(line));
    const base = String(free.http['gateway']);
    const kept = await portsNotTaken({ ...chosen, PORT_BASE: base }, {}, (line) => said.push(line));
    taken.close();
    expect(moved.http['gateway']).toBeGreaterThan(free.http['gateway']!);
    expect(said).toEqual([`ports from 8080 are taken: PORT_BASE=${moved.http['gateway']}`]);
    expect(kept.http).toEqual(free.http);
  });

  it('that are taken are all named at once, with the variable that moves them', async () => {
    const servers = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<ReturnType<typeof createServer>>((resolve) => {
            const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
          }),
      ),
    );
    const [one, two] = servers.map((server) => (server.address() as AddressInfo).port) as [number, number];
    const [free] = (await freePorts(1)) as [number];
    const check = checkPorts([
      { port: one, what: 'Postgres', variable: 'PG_PORT' },
      { port: two, what: 'NATS', variable: 'NATS_PORT' },
      { port: free, what: 'gateway', variable: 'PORT_BASE' },
    ]);
    await expect(check).rejects.toThrow(
      [
        `port ${one} (Postgres) is taken: set PG_PORT, or stop what listens there`,
        `port ${two} (NATS) is taken: set NATS_PORT, or stop what listens there`,
      ].join('\n'),
    );
    servers.forEach((server) => server.close());
  });

  it('that are no ports are refused', async () => {
    await expect(checkPorts([{ port: NaN, what: 'NATS', variable: 'NATS_PORT' }])).rejects.toThrow(
      'NATS_PORT: NATS has no valid port (NaN)',
    );
  });
});
