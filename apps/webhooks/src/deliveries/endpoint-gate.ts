import { Breaker } from '../domain/breaker.ts';
import type { Transition } from '../domain/breaker.ts';
import { ReceiverCap } from '../domain/receiver-cap.ts';
import type { Signal } from '../domain/signal.ts';
import { TokenBucket } from '../domain/token-bucket.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';

/** A request that was let through: what the gate has to know when its answer comes. */
export interface Pass {
  readonly era: number;
  readonly startedAt: number;
}

/**
 * When one endpoint may be sent something, and how much at once: its rate, its breaker, and what its receiver stands.
 * In memory of the only sender and therefore exact. A closed gate touches no row and burns no attempt. Of all this only
 * that the breaker is open is also stored; the next owner begins with a full second's worth of requests.
 */
export class EndpointGate {
  private target: Target | undefined;
  private breaker: Breaker | undefined;
  private bucket: TokenBucket | undefined;
  private readonly cap = new ReceiverCap();
  private ceiling = 1;

  constructor(private readonly platformMax: number) {}

  /** Takes over an edited endpoint's settings. A person's hand on it is reason enough to probe a broken one at once. */
  sync(target: Target, now: number): void {
    if (target === this.target) return;
    if (this.breaker === undefined) {
      this.breaker = target.breakerOpenedAt === null ? new Breaker() : Breaker.opened(now);
    } else if (this.target !== undefined && target.updatedAt > this.target.updatedAt) this.breaker.probeNow(now);
    const { ratePerSecond, maxConcurrency } = target;
    if (ratePerSecond === null) this.bucket = undefined;
    else if (this.bucket?.perSecond !== ratePerSecond) this.bucket = new TokenBucket(ratePerSecond);
    this.ceiling = Math.min(maxConcurrency, this.platformMax);
    this.target = target;
  }

  get isBroken(): boolean {
    return this.breaker?.isOpen ?? false;
  }

  /** How long until something may be sent; Infinity: not before an answer that is still to come. */
  waitMs(now: number): number {
    return Math.max(this.breaker?.waitMs(now) ?? 0, this.bucket?.waitMs(now) ?? 0);
  }

  limit(): number {
    return Math.min(this.cap.value(this.ceiling), this.breaker?.limit() ?? Infinity);
  }

  started(now: number): Pass {
    this.bucket?.take(now);
    return { era: this.breaker?.started() ?? 0, startedAt: now };
  }

  finished({ era, startedAt }: Pass, { answer, load }: Signal, now: number): Transition | null {
    this.cap.record(load, startedAt, now, this.ceiling);
    return this.breaker?.record(era, answer, now) ?? null;
  }

  /** Forgetting it would change nothing. */
  isIdle(now: number): boolean {
    return !this.cap.isCut && (this.breaker?.isIdle(now) ?? true) && (this.bucket?.isFull(now) ?? true);
  }
}
