import type { Target } from '../endpoints/endpoint-directory.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import type { DueEndpoint, Job } from './job.ts';

const queueMax = 500;
const bytesMax = 64 * 1024 * 1024;

/** All that this process has in memory, and how much that is. */
export class EndpointQueues {
  private readonly byEndpoint = new Map<string, EndpointQueue>();
  private bytes = 0;
  /** What was settled while rows were being loaded: those rows may show it as it was before. */
  private settledMeanwhile: Set<string> | undefined;

  constructor(
    private readonly concurrencyMax: number,
    private readonly targetOf: (endpointId: string) => Target | undefined,
  ) {}

  get isFull(): boolean {
    return this.bytes > bytesMax;
  }

  find(endpointId: string): EndpointQueue | undefined {
    return this.byEndpoint.get(endpointId);
  }

  of(endpoint: DueEndpoint): EndpointQueue {
    let queue = this.byEndpoint.get(endpoint.endpointId);
    if (queue === undefined) {
      queue = new EndpointQueue(endpoint, this.concurrencyMax);
      this.byEndpoint.set(endpoint.endpointId, queue);
    }
    return queue;
  }

  all(): EndpointQueue[] {
    return [...this.byEndpoint.values()];
  }

  hasRoom(queue: EndpointQueue): boolean {
    return queue.length < queueMax && !this.isFull;
  }

  beginLoading(): void {
    this.settledMeanwhile = new Set();
  }

  /** Rows as they were loaded since then. */
  finishLoading(queue: EndpointQueue, jobs: readonly Job[], epoch: string): void {
    for (const job of jobs) if (!this.settledMeanwhile?.has(job.id)) this.add(queue, job, epoch);
  }

  add(queue: EndpointQueue, job: Job, epoch: string): void {
    if (queue.epoch !== epoch) this.drop(queue);
    queue.enter(epoch);
    if (queue.push(job)) this.bytes += job.body?.length ?? 0;
  }

  /** It leaves memory's queue, to be sent or given up; it stays in hand until it is written down. */
  took(job: Job): Job {
    this.bytes -= job.body?.length ?? 0;
    return job;
  }

  settled(job: Job): void {
    this.settledMeanwhile?.add(job.id);
    this.find(job.endpointId)?.release(job);
  }

  /** Back to being only rows: they are loaded again when their endpoint may be served. */
  drop(queue: EndpointQueue): void {
    for (let job = queue.takeIf(() => true); job !== undefined; job = queue.takeIf(() => true)) {
      queue.release(this.took(job));
    }
  }

  /** Forgets what the table knows better. */
  tidy(queues: Iterable<EndpointQueue>, now: number): void {
    const monotonicNow = performance.now();
    for (const queue of queues) {
      if (queue.isForgettable(this.targetOf(queue.endpointId), now, monotonicNow)) {
        this.byEndpoint.delete(queue.endpointId);
      }
    }
  }
}
