import { Logger } from '@nestjs/common';

const BACKOFF_MS = 500;

/**
 * A loop that claims work, does it and records it. It goes on while there is something to do, else waits for the next
 * tick or a kick. An error never ends it: what it claimed is claimed again by its own rules (a lease, an unchanged row).
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
    while (!this.stopping) {
      this.kicked = false;
      try {
        if ((await this.work()) === 0) await this.idle(this.everyMs);
      } catch (error) {
        this.log.error(`${this.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        await this.idle(BACKOFF_MS);
      }
    }
  }

  private async idle(ms: number): Promise<void> {
    if (this.kicked || this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = undefined;
  }
}
