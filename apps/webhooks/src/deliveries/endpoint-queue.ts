import type { Target } from '../endpoints/endpoint-directory.ts';
import type { Job } from './job.ts';

/** What one endpoint has in memory. Everything in it is also a row, so dropping any of it loses nothing. */
export class EndpointQueue {
  private jobs: Job[] = [];
  private head = 0;
  /** Ids here, under way or being written down: not to be loaded a second time. */
  readonly held = new Set<string>();
  inFlight = 0;
  /** More rows are due than memory holds. New events then wait their turn behind them instead of overtaking. */
  hasMore = false;
  isReady = false;
  /** Of the lease under which the jobs came here: under another one they may be out of date. */
  epoch = '';
  private stop: { readonly target: Target; readonly until: number } | undefined;

  constructor(
    readonly tenantId: string,
    readonly endpointId: string,
    readonly shard: number,
  ) {}

  get length(): number {
    return this.jobs.length - this.head;
  }

  push(job: Job): void {
    this.jobs.push(job);
    this.held.add(job.id);
  }

  shift(): Job | undefined {
    const job = this.jobs[this.head];
    if (job === undefined) return undefined;
    this.head += 1;
    if (this.head > 256 && this.head * 2 > this.jobs.length) {
      this.jobs = this.jobs.slice(this.head);
      this.head = 0;
    }
    return job;
  }

  /** The receiver wants nothing for now: in force until then, or until the endpoint's configuration is another one. */
  halt(target: Target, until: number): void {
    this.stop = { target, until: Math.max(until, this.stop?.target === target ? this.stop.until : 0) };
  }

  isHalted(target: Target | undefined, now: number): boolean {
    return this.stop !== undefined && this.stop.target === target && this.stop.until > now;
  }

  /** Nothing here that the table does not know better. */
  isForgettable(target: Target | undefined, now: number): boolean {
    return this.held.size === 0 && !this.isReady && !this.hasMore && !this.isHalted(target, now);
  }
}

/** Whether an endpoint takes requests at this instant, as far as its configuration says. */
export function isOpen(target: Target | undefined, now: number): target is Target {
  return target?.state === 'active' && (target.holdUntil?.getTime() ?? 0) <= now;
}
