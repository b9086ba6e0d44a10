import type { Random } from './random.ts';

/** What runs somewhere in the service. It yields where the real one awaits, the milliseconds that passes there. */
export type Process<T = void> = Generator<number, T>;

export interface Weather {
  /** The share of awaits at which a process dies. */
  readonly crash: number;
  /** The share of awaits that last longer than any lease. */
  readonly stall: number;
  readonly stallMs: number;
}

interface Due {
  readonly at: number;
  readonly action: () => void;
}

/** Virtual time and one thread: whatever is between two yields is one transaction, and the seed decides the rest. */
export class Scheduler {
  now = 0;
  steps = 0;
  crashes = 0;
  stalls = 0;
  private readonly queue: Due[] = [];

  constructor(
    private readonly random: Random,
    private readonly weather: Weather,
  ) {}

  after(delayMs: number, action: () => void): void {
    this.queue.push({ at: this.now + delayMs, action });
  }

  /** Runs a process; one that dies leaves behind what it had committed, and nobody is told but `whenDead`. */
  spawn<T>(
    process: Process<T>,
    whenDone: (result: T) => void = () => undefined,
    whenDead: () => void = () => undefined,
  ) {
    const go = () => {
      const step = process.next();
      if (step.done) return whenDone(step.value);
      const { crash, stall, stallMs } = this.weather;
      if (this.random.chance(crash)) {
        this.crashes++;
        return whenDead();
      }
      const isStalled = this.random.chance(stall);
      if (isStalled) this.stalls++;
      this.after(step.value + (isStalled ? this.random.between(0.5, 1) * stallMs : 0), go);
    };
    go();
  }

  /** Until nothing is left to do; false when that does not come. */
  run(stepsMax: number): boolean {
    while (this.queue.length > 0) {
      if (++this.steps > stepsMax) return false;
      const { at, action } = this.takeNext();
      this.now = at;
      action();
    }
    return true;
  }

  private takeNext(): Due {
    const { queue } = this;
    let next = 0;
    for (let i = 1; i < queue.length; i++) if (queue[i]!.at < queue[next]!.at) next = i;
    const due = queue[next]!;
    queue[next] = queue.at(-1)!;
    queue.pop();
    return due;
  }
}
