import { Injectable, Logger } from '@nestjs/common';

const CHECK_TIMEOUT_MS = 1_000;
/** A busy pool may be late for a probe. Taking the process out of traffic for that would only load the others more. */
const GRACE_MS = 10_000;

export interface CheckOptions {
  /** A failure is logged but does not take the process out of traffic: for what the outbox absorbs. */
  optional?: boolean;
  /** How long after its last success a failing check still counts as passing. */
  graceMs?: number;
}

interface Check extends CheckOptions {
  run: () => Promise<void>;
  failing: boolean;
  passedAtMs: number;
}

/** What must work before this process should get traffic. Whoever opens a connection adds its own check. */
@Injectable()
export class Readiness {
  private readonly log = new Logger(Readiness.name);
  private readonly checks = new Map<string, Check>();
  private started = false;
  private draining = false;

  add(name: string, run: () => Promise<void>, options: CheckOptions = {}): void {
    this.checks.set(name, { ...options, run, failing: false, passedAtMs: -Infinity });
  }

  /** Everything is wired and listening. */
  markStarted(): void {
    this.started = true;
  }

  /** From the stop signal on: no new traffic, whatever else works. */
  markDraining(): void {
    this.draining = true;
  }

  get isStarted(): boolean {
    return this.started;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  async isReady(): Promise<boolean> {
    if (!this.started || this.draining) return false;
    const results = await Promise.all([...this.checks].map(([name, check]) => this.passes(name, check)));
    return results.every(Boolean);
  }

  private async passes(name: string, check: Check): Promise<boolean> {
    const error = await failureOf(check.run);
    // Logged when it changes, not each time a probe comes by.
    if (error && !check.failing) this.log.warn({ err: error, check: name }, 'a readiness check fails');
    if (!error && check.failing) this.log.log({ check: name }, 'a readiness check passes again');
    check.failing = error !== undefined;
    if (!check.failing) check.passedAtMs = performance.now();
    return check.optional === true || performance.now() - check.passedAtMs < (check.graceMs ?? GRACE_MS);
  }
}

async function failureOf(run: () => Promise<void>): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([run(), late]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
  }
}
