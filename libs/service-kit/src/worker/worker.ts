import { Logger } from '@nestjs/common';
import { metrics } from '../telemetry/metrics.ts';

/** Twice as long after every error in a row: 0.5, 1, 2, 4, 8, 16, 30, 30 … seconds. */
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 30_000;

const errors = metrics.counter('worker_errors_total', 'Batches that a worker could not finish', ['worker']);

/**
 * A loop that claims work, does it and records it. It goes on while there is something to do, else waits for the next
 * tick or a kick. An error never ends it: what it claimed is claimed again by its own rules (a lease, an unchanged
 * row), after a pause that grows while errors go on and that no kick cuts short.
 */
export abstract class Worker {
  private readonly log = new Logger(this.constructor.name);
  private stopping = false;
  private loop: Promise<void> | undefined;
  private kicked = false;
  private wakeUp: (() => void) | undefined;

  constructor(
    readonly name: string,
    private readonly everyMs: number,
  ) {}

  /** Does one batch. @returns how many items were done; 0 means idle */
  protected abstract work(): Promise<number>;

  /** There may be work now. */
  kick(): void {
    this.kicked = true;
    this.wakeUp?.();
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp?.();
    await this.loop;
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.stopping) {
      this.kicked = false;
      try {
        const done = await this.work();
        failures = 0;
        if (done === 0) await this.idle();
      } catch (error) {
        errors.inc({ worker: this.name });
        this.log.error(`${this.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        await this.pause(Math.min(BACKOFF_MS * 2 ** failures++, BACKOFF_MAX_MS), () => false);
      }
    }
  }

  private idle(): Promise<void> {
    return this.pause(this.everyMs, () => this.kicked);
  }

  private async pause(ms: number, isOver: () => boolean): Promise<void> {
    if (isOver() || this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        if (!isOver() && !this.stopping) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = undefined;
  }
}
