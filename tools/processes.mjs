// Child processes that never outlive their parent, with their output in a log file. Plain JS: it runs before anything
// is built. Used by `npm start`, by the test set-up and by the fault tests, which kill and restart by name.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** What makes Node run this repository's TypeScript sources, decorators included. */
export const sourceArgs = [
  '--conditions=@quittance/source',
  '--enable-source-maps',
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL('./ts.mjs', import.meta.url).href,
];

export const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Ends `pid` when this process ends, however it ends: a shell waits on a pipe that only this process holds open.
 * Without it a killed test run or a killed `npm start` leaves servers behind that keep their ports.
 */
export function leash(child, signal) {
  const watcher = spawn('sh', ['-c', `read _; kill -${signal.slice(3)} ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  watcher.stdin.unref();
  watcher.stdin.on('error', () => undefined);
  // the pid may be given to another process once the child is gone
  child.once('exit', () => watcher.kill('SIGKILL'));
}

/**
 * Starts one process.
 * @param {{ name: string, command: string, args?: string[], env?: object, cwd?: string, uid?: number, gid?: number,
 *   logFile: string, stopSignal?: NodeJS.Signals }} spec
 */
export function launch({ name, command, args = [], logFile, stopSignal = 'SIGTERM', ...options }) {
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  const log = fs.openSync(logFile, 'a');
  const from = fs.fstatSync(log).size;
  const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true, ...options });
  fs.closeSync(log);
  if (child.pid) leash(child, stopSignal);
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(`${name} ended (${signal ?? code})`));
    child.once('error', (error) => resolve(`${name} did not start: ${error.message}`));
  });
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    name,
    logFile,
    pid: child.pid,
    exited,
    running,
    tail: (lines = 30) =>
      fs.readFileSync(logFile).subarray(from).toString().trimEnd().split('\n').slice(-lines).join('\n'),
    /** Asks it to end and waits; what does not end in time is killed. */
    async stop(signal = stopSignal, graceMs = 15_000) {
      if (running()) child.kill(signal);
      const timer = setTimeout(() => running() && child.kill('SIGKILL'), graceMs);
      const how = await exited;
      clearTimeout(timer);
      return how;
    },
  };
}

/** Waits until `ready` answers true; a process that ends meanwhile, or is late, is an error with its last output. */
export async function untilReady(process, ready, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  let ended;
  void process.exited.then((how) => (ended = how));
  for (;;) {
    if (await ready()) return;
    if (ended) throw new Error(`${ended}; the end of ${process.logFile}:\n${process.tail()}`);
    if (Date.now() > deadline)
      throw new Error(
        `${process.name} is not ready after ${timeoutMs} ms; the end of ${process.logFile}:\n${process.tail()}`,
      );
    await delay(25);
  }
}

/**
 * A set of named processes: start, kill and restart by name. A process that ends without having been told to is
 * restarted when `keepAlive` is set, and else reported to `onDeath`.
 */
export class Processes {
  #starters = new Map();
  #running = new Map();
  #stopping = false;

  constructor({ keepAlive = false, onDeath = () => undefined } = {}) {
    this.keepAlive = keepAlive;
    this.onDeath = onDeath;
  }

  /** @param spec as for `launch`, plus `ready` (a function that resolves to true) and `timeoutMs` */
  start(spec) {
    const { ready, timeoutMs = 120_000, ...rest } = spec;
    return this.#begin(spec.name, async () => {
      const process = launch(rest);
      this.#watch(spec.name, process);
      if (ready) await untilReady(process, ready, timeoutMs);
      return { process };
    }).then(({ process }) => process);
  }

  /** A server that brings its own way to start: `starter` resolves to `{ process, … }`, which is the answer. */
  adopt(name, starter) {
    return this.#begin(name, async () => {
      const server = await starter();
      this.#watch(name, server.process);
      return server;
    });
  }

  #begin(name, starter) {
    if (this.#stopping) throw new Error(`${name} is not started: everything is being stopped`);
    this.#starters.set(name, starter);
    return starter();
  }

  #watch(name, process) {
    this.#running.set(name, process);
    void process.exited.then((how) => this.#ended(name, process, how));
  }

  get(name) {
    const process = this.#running.get(name);
    if (!process) throw new Error(`no process is called ${name}`);
    return process;
  }

  /** Ends a process at once, without grace; with keepAlive it comes back. */
  async kill(name, signal = 'SIGKILL') {
    const process = this.get(name);
    process.expected = !this.keepAlive;
    await process.stop(signal);
  }

  async stop(name, signal) {
    const process = this.get(name);
    process.expected = true;
    return process.stop(signal);
  }

  /** Ends it with grace where it still runs, and starts it as it was started first. */
  async restart(name) {
    if (this.get(name).running()) await this.stop(name);
    await this.#starters.get(name)();
  }

  /** Ends groups of processes, one group after the other, then whatever is left. */
  async stopAll(...groups) {
    this.#stopping = true;
    for (const group of [...groups, [...this.#running.keys()]])
      await Promise.all(group.filter((name) => this.#running.has(name)).map((name) => this.stop(name)));
  }

  async #ended(name, process, how) {
    const isStale = () => this.#stopping || process.expected || this.#running.get(name) !== process;
    if (isStale()) return;
    if (!this.keepAlive) return this.onDeath(process, how);
    await delay(200);
    if (isStale()) return;
    await this.#starters
      .get(name)()
      .catch((error) => this.onDeath(this.get(name), error.message));
  }
}
