import fs from 'node:fs';
import path from 'node:path';
import { delay } from '../processes.mjs';
import type { Processes } from '../processes.mjs';
import type { Random } from './random.ts';

export interface Fault {
  what: string;
  /** Seconds since the storm began. */
  at: number;
  /** Epoch milliseconds when it was over. */
  until: number;
}

export interface NemesisOptions {
  processes: Processes;
  /** Where nats-server keeps its streams. */
  natsStore: string;
  /** Resolves once the broker holds what a service would miss: on a slow machine the storm may come before that. */
  untilStored: () => Promise<void>;
  faults: number;
  /** Between two faults, at least and at most. */
  calmMs: readonly [number, number];
  random: Random;
  log: (line: string) => void;
}

const SERVICES = ['gateway', 'payments', 'billing', 'reconciliation', 'webhooks'];
/** Every target is struck in every round, in a new order: no target is spared by chance. */
const ROUND = [...SERVICES, 'payments', 'billing', 'webhooks', 'nats-server', 'postgres', 'pause nats-server'];
/** Longer than the relay waits for an ack, the longest longer than a durable's ack wait. */
const PAUSE_MS = [2_200, 5_500] as const;

/**
 * Strikes the stack: kill -9 of each service, of the broker and of Postgres, the broker stopped past its time-outs, and
 * once, half way through, its data folder gone. What dies is started again by the supervisor.
 */
export async function storm(options: NemesisOptions): Promise<Fault[]> {
  const { processes, natsStore, faults, calmMs, random, log } = options;
  const startedAt = performance.now();
  const done: Fault[] = [];
  let round: string[] = [];
  while (done.length < faults) {
    if (round.length === 0) round = shuffled(ROUND, random);
    const isHalfWay = done.length === Math.floor(faults / 2);
    const what = isHalfWay ? 'wipe nats-server' : round.pop()!;
    if (isHalfWay) await options.untilStored();
    const at = Math.round((performance.now() - startedAt) / 100) / 10;
    log(`${at.toFixed(1)} s  ${what}`);
    if (await strike(what, { processes, natsStore, random })) done.push({ what, at, until: Date.now() });
    await delay(random.between(...calmMs));
  }
  return done;
}

type Means = Pick<NemesisOptions, 'processes' | 'natsStore' | 'random'>;

/** False when the target was down already, which is no fault. */
async function strike(what: string, { processes, natsStore, random }: Means): Promise<boolean> {
  const [verb, name] = what.includes(' ') ? (what.split(' ') as [string, string]) : ['kill', what];
  const target = processes.get(name);
  if (!target.running() || target.pid === undefined) return false;
  if (verb === 'pause') {
    process.kill(target.pid, 'SIGSTOP');
    await delay(random.between(...PAUSE_MS));
    if (target.running()) process.kill(target.pid, 'SIGCONT');
    return true;
  }
  await processes.kill(name);
  if (verb === 'wipe') fs.rmSync(path.join(natsStore, 'jetstream'), { recursive: true, force: true });
  return true;
}

function shuffled(list: readonly string[], random: Random): string[] {
  return list
    .map((value) => ({ value, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
