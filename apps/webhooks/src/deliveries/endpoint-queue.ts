import { Share } from '../domain/fair-scheduler.ts';
import type { Kind, Turn } from '../domain/fair-scheduler.ts';
import { Fifo } from '../domain/fifo.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';
import { EndpointGate } from './endpoint-gate.ts';
import type { DueEndpoint, Job } from './job.ts';
import { KeyLine } from './key-line.ts';

/** What one endpoint has in memory. Everything in it is also a row, so dropping any of it loses nothing. */
export class EndpointQueue implements Turn {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly shard: number;
  readonly share = new Share();
  /** Where the endpoint keeps an order. */
  readonly line = new KeyLine();
  gate: EndpointGate;
  private readonly firstTries = new Fifo<Job>();
  private readonly secondTries = new Fifo<Job>();
  /** Ids here, under way or being written down: not to be loaded a second time. */
  readonly held = new Set<string>();
  /** Ordering keys of those: none of them may have a second one under way. */
  private readonly keys = new Set<string>();
  /** More rows are due than memory holds. New events then wait their turn behind them instead of overtaking. */
  hasMore = false;
  /** The last look at an open breaker's queue gave something up, so there may be more to give up. */
  gaveUp = false;
  /** Of the lease under which the jobs came here: under another one they may be out of date. */
  epoch = '';
  private stop: { readonly target: Target; readonly until: number } | undefined;
  private alarm: NodeJS.Timeout | undefined;
  private alarmAt = Infinity;

  constructor(
    { tenantId, endpointId, shard }: DueEndpoint,
    private readonly concurrencyMax: number,
  ) {
    this.tenantId = tenantId;
    this.endpointId = endpointId;
    this.shard = shard;
    this.gate = new EndpointGate(concurrencyMax);
  }

  get length(): number {
    return this.fresh + this.retries;
  }

  get fresh(): number {
    return this.firstTries.length;
  }

  get retries(): number {
    return this.secondTries.length;
  }

  limit(): number {
    return this.gate.limit();
  }

  /** Under a new lease nothing holds that was learnt under an older one: somebody else was the sender meanwhile. */
  enter(epoch: string): void {
    if (this.epoch !== '' && this.epoch !== epoch) this.gate = new EndpointGate(this.concurrencyMax);
    this.epoch = epoch;
  }

  /** False: it is here already, or something of its key is. */
  push(job: Job): boolean {
    const key = job.orderingKey ?? null;
    if (this.held.has(job.id) || (key !== null && this.keys.has(key))) return false;
    this.held.add(job.id);
    if (key !== null) this.keys.add(key);
    (job.attempt === 0 ? this.firstTries : this.secondTries).push(job);
    return true;
  }

  take(kind: Kind): Job | undefined {
    return (kind === 'fresh' ? this.firstTries : this.secondTries).shift();
  }

  /** The next one of which this is true. */
  takeIf(fits: (job: Job) => boolean): Job | undefined {
    const list = [this.firstTries, this.secondTries].find((each) => {
      const job = each.peek();
      return job !== undefined && fits(job);
    });
    return list?.shift();
  }

  /** Written down or dropped: it may be loaded again. */
  release(job: Job): void {
    this.held.delete(job.id);
    if (job.orderingKey) this.keys.delete(job.orderingKey);
  }

  /** The receiver wants nothing for now: in force until then, or until the endpoint's configuration is another one. */
  halt(target: Target, until: number): void {
    this.stop = { target, until: Math.max(until, this.stop?.target === target ? this.stop.until : 0) };
  }

  isHalted(target: Target | undefined, now: number): boolean {
    return this.stop !== undefined && this.stop.target === target && this.stop.until > now;
  }

  /** Calls once, after so long; of several alarms only the earliest one rings. */
  wakeAfter(ms: number, call: () => void): void {
    const at = performance.now() + ms;
    if (ms === Infinity || at >= this.alarmAt) return;
    this.quiet();
    this.alarmAt = at;
    this.alarm = setTimeout(() => {
      this.quiet();
      call();
    }, ms);
  }

  quiet(): void {
    clearTimeout(this.alarm);
    this.alarmAt = Infinity;
  }

  /** Nothing here that the table does not know better. */
  isForgettable(target: Target | undefined, now: number, monotonicNow: number): boolean {
    const isEmpty = this.held.size === 0 && this.share.place === 'out' && !this.hasMore && this.alarmAt === Infinity;
    return isEmpty && !this.isHalted(target, now) && this.gate.isIdle(monotonicNow);
  }
}

/** Whether an endpoint takes requests at this instant, as far as its configuration says. */
export function isOpen(target: Target | undefined, now: number): target is Target {
  return target?.state === 'active' && (target.holdUntil?.getTime() ?? 0) <= now;
}
