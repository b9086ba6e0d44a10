import { Consumer } from './consumer.ts';
import { SimulatedProvider } from './provider.ts';
import type { Notify } from './provider.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { Store } from './store.ts';
import type { Said } from './store.ts';

/** Mistakes that can be planted, each of which the invariants must find. */
export const bugs = [
  'no fencing token',
  'new provider key per retry',
  'three writes without a transaction',
  'cap check without the reservation',
  'dedupe by sequence',
] as const;
export type Bug = (typeof bugs)[number];

export const leaseMs = 50;
export const resolveAfterMs = 20;

const counted = [
  'histories',
  'steps',
  'crashes',
  'stalls',
  'lostAnswers',
  'sentAgain',
  'repeatedNotifications',
  'repeatedEvents',
  'parkedEvents',
  'leasesTakenOver',
  'fencedOff',
  'replays',
  'refusals',
  'lateSuccesses',
  'mismatches',
  'posted',
  'captured',
  'voided',
  'refunded',
  'collected',
  'paidLinks',
  'closedLinks',
  'lostDisputes',
  'wonDisputes',
] as const;

/** What was reached: a rare path that no history walks proves nothing. */
export type Tally = Record<(typeof counted)[number], number>;

export const emptyTally = () => Object.fromEntries(counted.map((what) => [what, 0])) as Tally;

/** Everything that one history is made of. */
export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly store = new Store();
  readonly consumer: Consumer;
  readonly provider: SimulatedProvider;
  /** What each key was answered, by every answer that a client got. */
  readonly answers = new Map<string, Set<string>>();
  /** Who was promised an answer and has none yet. */
  waiting = 0;
  /** Who acts on facts, once they are booked. */
  readonly onBooked: ((said: Said) => void)[] = [];
  private ids = 0;

  constructor(
    seed: number,
    readonly bug: Bug | null,
    readonly tally: Tally,
  ) {
    this.random = new Random(seed);
    // Each history has a weather of its own: some are all stalls and no crash, some are calm.
    const weather = { crash: this.random.between(0, 0.08), stall: this.random.between(0, 0.2), stallMs: 8 * leaseMs };
    this.scheduler = new Scheduler(this.random, weather);
    this.consumer = new Consumer(bug === 'dedupe by sequence');
    const after = (delayMs: number, action: () => void) => this.scheduler.after(delayMs, action);
    this.provider = new SimulatedProvider(this.random, after, (...said) => this.onNotified(...said));
    this.store.onSaid = (said) => {
      this.deliver(() => this.consumer.take(said));
    };
    this.consumer.onBooked = (said) => this.onBooked.forEach((listener) => listener(said));
  }

  /** The service's way to hear the provider; set by who runs it. */
  onNotified: Notify = () => undefined;

  get now(): Date {
    return new Date(this.scheduler.now);
  }

  later(delayMs: number): Date {
    return new Date(this.scheduler.now + delayMs);
  }

  newId(): string {
    return `id${++this.ids}`;
  }

  /** At least once, in any order. */
  deliver(action: () => void): number {
    const times = this.random.chance(0.15) ? 2 : 1;
    for (let n = 0; n < times; n++) this.scheduler.after(this.random.between(0, 30), action);
    return times;
  }
}
