import { delay } from '../../processes.mjs';
import type { Processes } from '../../processes.mjs';
import type { Random } from '../random.ts';
import type { Dispatcher } from './dispatchers.ts';

/** As `apps/webhooks/src/testing/killable.itest.ts` has them. */
export const killPoints = [
  'before the fan-out commits',
  'after the fan-out committed, before its ack',
  'after an ack',
  'before a send',
  'after a send',
  'before a settle commits',
  'after a settle committed',
] as const;

export interface StormOptions {
  processes: Processes;
  dispatchers: readonly Dispatcher[];
  faults: number;
  /** Between two faults, at least and at most. */
  calmMs: readonly [number, number];
  /** How long a process is stopped: longer than a lease. */
  pauseMs: number;
  random: Random;
  /** Called while a process is dead or stopped, and when it wakes. */
  struck: () => Promise<void>;
  log: (line: string) => void;
}

/** A reader that has just died reads again after its lease, or what it left, has run out: fifteen seconds and five. */
const PASS_MS = 25_000;
/** In each round: every point once, as many kills at any moment, and one process stopped past its lease. */
const ROUND = [...killPoints, ...Array.from({ length: 7 }, () => 'kill -9'), 'SIGSTOP'];

/** Kills dispatchers at given points and at any moment, and stops one past its lease; answers how often it did what. */
export async function storm(options: StormOptions): Promise<Record<string, number>> {
  const { dispatchers, faults, calmMs, random, log } = options;
  const done: Record<string, number> = {};
  let round: string[] = [];
  for (let count = 0; count < faults;) {
    if (round.length === 0)
      round = ROUND.map((what) => ({ what, at: random.next() }))
        .sort(byAt)
        .map(({ what }) => what);
    await delay(random.between(...calmMs));
    const what = round.pop()!;
    const target = random.pick(dispatchers);
    if (!options.processes.get(target.name).running()) continue;
    const struck = await strike(what, target, options);
    if (struck === undefined) continue;
    log(`${struck}: ${what}`);
    done[what] = (done[what] ?? 0) + 1;
    count += 1;
  }
  return done;
}

const byAt = (a: { at: number }, b: { at: number }) => a.at - b.at;

async function strike(what: string, target: Dispatcher, options: StormOptions): Promise<string | undefined> {
  const { processes, pauseMs, struck } = options;
  if (what === 'kill -9') await processes.kill(target.name);
  else if (what === 'SIGSTOP') {
    const { pid } = processes.get(target.name);
    process.kill(pid!, 'SIGSTOP');
    await struck();
    await delay(pauseMs);
    process.kill(pid!, 'SIGCONT');
    await delay(1_000);
  } else return killAt(what, options);
  await struck();
  return target.name;
}

/** Whoever passes the point first: only one process reads a stream, so only one passes those of the fan-out. */
async function killAt(point: string, { dispatchers, struck }: StormOptions): Promise<string | undefined> {
  for (const each of dispatchers) each.order(point);
  const died = () => dispatchers.filter((each) => each.hasObeyed()).map(({ name }) => name);
  for (const deadline = Date.now() + PASS_MS; died().length === 0 && Date.now() < deadline;) await delay(5);
  const names = died();
  for (const each of dispatchers) each.order(undefined);
  await struck();
  return names.length > 0 ? names.join(' and ') : undefined;
}
