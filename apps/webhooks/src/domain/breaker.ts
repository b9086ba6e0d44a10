/**
 * | wait before probe | 1   | 2    | 3    | 4    | 5    | 6     | 7 and later |
 * |                   | 5 s | 10 s | 20 s | 40 s | 80 s | 160 s | 300 s       |
 */
const firstProbeMs = 5_000;
const probeMaxMs = 300_000;
const consecutiveMax = 10;
const sliceMs = 5_000;
const slices = 12;
const rateMin = 20;
const rateMax = 0.7;
const goodToClose = 3;
/** The most that an endpoint's concurrency may be set to: from here on the ramp limits nothing. */
const rampEnd = 256;

export type BreakerReason = 'consecutive_failures' | 'failure_rate';
export type Answer = 'good' | 'bad' | 'none';
export type Transition = { readonly to: 'open'; readonly reason: BreakerReason } | { readonly to: 'closed' };

interface Slice {
  at: number;
  total: number;
  bad: number;
}

/**
 * Keeps requests from an endpoint that fails all of them. Open after 10 failures in a row, or when 70 % of at least 20
 * within a minute fail. While it is open nothing is sent, but for one probe at a time; three good ones close it, then
 * concurrency goes 1, 2, 4, … so that recovery is no stampede. An endpoint that fails again on the way up waits longer
 * for its next probe than the time before.
 *
 * Times are milliseconds of a monotonic clock. A request carries the era in which it started: what was under way when
 * the breaker opened or closed says nothing about what came after.
 */
export class Breaker {
  private state: 'closed' | 'open' | 'ramping' = 'closed';
  private era = 0;
  private consecutive = 0;
  private window: Slice[] = [];
  private probeAt = 0;
  private isProbing = false;
  private waits = 0;
  private good = 0;
  private ramp = 1;

  /** As an earlier owner of the endpoint left it: its next probe is due at once. */
  static opened(now: number): Breaker {
    const breaker = new Breaker();
    breaker.open(now);
    breaker.probeNow(now);
    return breaker;
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** How long until a request may start; Infinity: not before the probe under way has an answer. */
  waitMs(now: number): number {
    if (this.state !== 'open') return 0;
    return this.isProbing ? Infinity : Math.max(0, this.probeAt - now);
  }

  /** Requests that may be under way at once; `waitMs` keeps an open breaker to its one probe. */
  limit(): number {
    return this.state === 'ramping' ? this.ramp : Infinity;
  }

  /** A request starts; what is returned goes with its answer into `record`. */
  started(): number {
    if (this.state === 'open') this.isProbing = true;
    return this.era;
  }

  record(era: number, answer: Answer, now: number): Transition | null {
    if (era !== this.era) return null;
    if (this.state === 'open') return this.probed(answer, now);
    if (answer === 'none') return null;
    this.count(answer === 'bad', now);
    if (answer === 'good') {
      this.climb();
      return null;
    }
    const reason = this.reasonToOpen(now);
    if (reason === null) return null;
    this.open(now);
    return { to: 'open', reason };
  }

  /** Somebody changed the endpoint: maybe it is mended. */
  probeNow(now: number): void {
    this.probeAt = Math.min(this.probeAt, now);
  }

  /** Forgetting it would change nothing. */
  isIdle(now: number): boolean {
    return this.state !== 'open' && this.consecutive === 0 && this.recent(now).length === 0;
  }

  private open(now: number): void {
    this.enter('open');
    this.waitForProbe(now);
  }

  private probed(answer: Answer, now: number): Transition | null {
    this.isProbing = false;
    if (answer === 'none') return null;
    if (answer === 'bad') {
      this.good = 0;
      this.waitForProbe(now);
      return null;
    }
    this.good += 1;
    if (this.good < goodToClose) return null;
    this.enter('ramping');
    return { to: 'closed' };
  }

  private enter(state: 'open' | 'ramping'): void {
    this.state = state;
    this.era += 1;
    this.good = 0;
    this.ramp = 1;
    this.consecutive = 0;
    this.window = [];
    this.isProbing = false;
  }

  private waitForProbe(now: number): void {
    this.probeAt = now + Math.min(firstProbeMs * 2 ** this.waits, probeMaxMs);
    this.waits = Math.min(this.waits + 1, 10);
  }

  private climb(): void {
    if (this.state !== 'ramping') return;
    this.good += 1;
    if (this.good < this.ramp) return;
    this.good = 0;
    this.ramp *= 2;
    if (this.ramp < rampEnd) return;
    this.state = 'closed';
    this.waits = 0;
  }

  private count(isBad: boolean, now: number): void {
    this.consecutive = isBad ? this.consecutive + 1 : 0;
    const at = Math.floor(now / sliceMs);
    let slice = this.window.at(-1);
    if (slice?.at !== at) {
      slice = { at, total: 0, bad: 0 };
      this.window = [...this.recent(now), slice];
    }
    slice.total += 1;
    if (isBad) slice.bad += 1;
  }

  private reasonToOpen(now: number): BreakerReason | null {
    if (this.consecutive >= consecutiveMax) return 'consecutive_failures';
    const sum = (of: 'total' | 'bad') => this.recent(now).reduce((all, slice) => all + slice[of], 0);
    const total = sum('total');
    return total >= rateMin && sum('bad') >= rateMax * total ? 'failure_rate' : null;
  }

  private recent(now: number): Slice[] {
    const oldest = Math.floor(now / sliceMs) - slices;
    return this.window.filter(({ at }) => at > oldest);
  }
}
