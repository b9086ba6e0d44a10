import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { newId } from '@quittance/service-kit/id';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { WebhooksConfig } from '../config.ts';
import { allowance, judge } from '../domain/delivery.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';
import { EndpointQueue, isOpen } from './endpoint-queue.ts';
import type { DueEndpoint, Job, Settlement } from './job.ts';
import { RecordAttemptsService } from './record-attempts.service.ts';
import { Sender } from './sender.ts';
import { Settler } from './settler.ts';
import { ShardLeases } from './shard-leases.ts';

const queueMax = 500;
const bytesMax = 64 * 1024 * 1024;
const refillBelow = 100;
const refillPage = 200;
const lowWater = 25;

const inFlightGauge = metrics.gauge('webhook_requests_in_flight', 'Requests to receivers under way in this process');
const attemptSeconds = metrics.histogram('webhook_attempt_seconds', 'Time of one request to a receiver', ['outcome']);

/**
 * Sends what is due, at least once and always under the same `webhook-id`.
 *
 * Nothing is claimed in the database: the owner of a shard is the only sender for it and knows in memory what it has in
 * hand. A process that dies leaves its rows as they were, and the next owner of the shard sends them again. Whatever
 * does not fit into memory stays a row and is loaded later.
 */
@Injectable()
export class Dispatcher {
  private readonly queues = new Map<string, EndpointQueue>();
  private ready: EndpointQueue[] = [];
  private slots = 0;
  private bytes = 0;
  private stopping = false;
  /** What was settled while rows were being loaded: those rows may show it as it was before. */
  private settledMeanwhile: Set<string> | undefined;
  private readonly settler: Settler;
  private readonly schedule: readonly number[];
  /** Set by the worker that loads from the table: called when something is due that memory does not have. */
  onMoreDue: () => void = () => undefined;

  constructor(
    private readonly leases: ShardLeases,
    private readonly directory: EndpointDirectory,
    private readonly sender: Sender,
    private readonly clock: Clock,
    private readonly config: WebhooksConfig,
    records: RecordAttemptsService,
  ) {
    this.schedule = config.webhookRetryScheduleMs.map(Number);
    this.settler = new Settler(
      (batch) => records.record(batch),
      (batch) => this.settled(batch),
    );
  }

  /** New deliveries, just committed by this process: the short way, without asking the database for them. */
  offer(jobs: readonly Job[]): void {
    if (this.stopping) return;
    for (const job of jobs) {
      const lease = this.leases.held(job.shard);
      if (lease === undefined) continue;
      const queue = this.queueOf(job);
      if (queue.hasMore || queue.length >= queueMax || this.bytes > bytesMax) queue.hasMore = true;
      else this.enqueue(queue, job, lease.epoch);
    }
    this.pump();
  }

  /** Before rows are loaded; `accept` ends it. */
  beginRefill(): void {
    this.settledMeanwhile = new Set();
  }

  /** How many rows of this endpoint to look at: what is in hand already, and a page more. 0: it needs none now. */
  wanted({ endpointId }: DueEndpoint): number {
    const queue = this.queues.get(endpointId);
    if (queue !== undefined && !this.serves(queue)) this.drop(queue);
    if (this.stopping || this.bytes > bytesMax || (queue !== undefined && !this.serves(queue))) return 0;
    if (!isOpen(this.directory.find(endpointId), this.now())) return 0;
    return (queue?.length ?? 0) < refillBelow ? (queue?.held.size ?? 0) + refillPage : 0;
  }

  /** Rows loaded from the table for the endpoints that wanted them. */
  accept(jobs: readonly Job[], asked: readonly (DueEndpoint & { wanted: number })[]): void {
    const loaded = Map.groupBy(jobs, ({ endpointId }) => endpointId);
    for (const endpoint of asked) {
      const lease = this.leases.held(endpoint.shard);
      if (lease === undefined) continue;
      const queue = this.queueOf(endpoint);
      const rows = loaded.get(endpoint.endpointId) ?? [];
      queue.hasMore = rows.length >= endpoint.wanted;
      for (const job of rows) if (!this.settledMeanwhile?.has(job.id)) this.enqueue(queue, job, lease.epoch);
    }
    this.settledMeanwhile = undefined;
    this.pump();
  }

  /** Tenants with something in hand: their configuration has to be kept fresh. */
  tenants(): string[] {
    return [...new Set([...this.queues.values()].map(({ tenantId }) => tenantId))];
  }

  isBusy(shard: number): boolean {
    return [...this.queues.values()].some((queue) => queue.shard === shard && queue.held.size > queue.length);
  }

  private settled(batch: readonly Settlement[]): void {
    for (const { job } of batch) {
      this.settledMeanwhile?.add(job.id);
      const queue = this.queues.get(job.endpointId);
      queue?.held.delete(job.id);
      if (queue !== undefined) this.tidy(queue);
    }
    this.pump();
  }

  /** Sends nothing more, waits for the answers that are still to come, and has them written down. */
  async drain(): Promise<void> {
    this.stopping = true;
    for (const queue of this.queues.values()) this.drop(queue);
    while (this.slots > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.settler.drained();
  }

  /** Endpoints take turns, one request each, as long as slots are free and somebody may use one. */
  private pump(): void {
    const { webhookConcurrency: concurrency, webhookEndpointConcurrency: endpointConcurrency } = this.config;
    for (let passed = 0; passed < this.ready.length && this.slots < concurrency && !this.settler.isFull;) {
      const queue = this.ready.shift();
      if (queue === undefined) break;
      if (queue.inFlight >= allowance(concurrency - this.slots, endpointConcurrency)) {
        this.ready.push(queue);
        passed += 1;
        continue;
      }
      passed = 0;
      this.serve(queue);
      queue.isReady = queue.length > 0;
      if (queue.isReady) this.ready.push(queue);
      else this.tidy(queue);
    }
    inFlightGauge.set(this.slots);
  }

  /** The target is looked up for each send: an edited URL or secret counts for what was queued before it, too. */
  private serve(queue: EndpointQueue): void {
    const target = this.directory.find(queue.endpointId);
    const lease = this.leases.held(queue.shard);
    if (target === undefined || lease?.epoch !== queue.epoch || !this.serves(queue)) return this.drop(queue);
    const job = queue.shift();
    if (job === undefined) return;
    if (queue.length < lowWater && queue.hasMore) this.onMoreDue();
    this.bytes -= job.body?.length ?? 0;
    this.slots += 1;
    queue.inFlight += 1;
    const possibleDuplicate = job.dueAt !== undefined && job.dueAt < lease.takenAt;
    void this.sender.send(job, target).then((reply) => {
      this.slots -= 1;
      queue.inFlight -= 1;
      this.record(queue, target, { job, reply, epoch: lease.epoch, possibleDuplicate });
      this.pump();
    });
  }

  private record(
    queue: EndpointQueue,
    target: Target,
    made: Pick<Settlement, 'job' | 'reply' | 'epoch' | 'possibleDuplicate'>,
  ): void {
    const { job, reply } = made;
    const now = new Date(this.now());
    const n = job.attempt + 1;
    const judged = judge({ reply, attempt: n, schedule: this.schedule, now, random: Math.random() });
    const verdict = job.body === null ? { ...judged, result: 'aborted' as const, dueAt: null } : judged;
    if (verdict.disable !== null) queue.halt(target, Infinity);
    else if (verdict.holdUntil !== null) queue.halt(target, verdict.holdUntil.getTime());
    const outcome = job.body === null ? 'not_sent' : verdict.result === 'delivered' ? 'succeeded' : 'failed';
    attemptSeconds.observe({ outcome }, reply.durationMs / 1000);
    this.settler.add({ ...made, attemptId: newId(), n, outcome, verdict });
  }

  private queueOf({ tenantId, endpointId, shard }: DueEndpoint): EndpointQueue {
    let queue = this.queues.get(endpointId);
    if (queue === undefined) {
      queue = new EndpointQueue(tenantId, endpointId, shard);
      this.queues.set(endpointId, queue);
    }
    return queue;
  }

  private serves(queue: EndpointQueue): boolean {
    const target = this.directory.find(queue.endpointId);
    return isOpen(target, this.now()) && !queue.isHalted(target, this.now());
  }

  private enqueue(queue: EndpointQueue, job: Job, epoch: string): void {
    if (queue.epoch !== epoch) this.drop(queue);
    if (queue.held.has(job.id)) return;
    queue.epoch = epoch;
    queue.push(job);
    this.bytes += job.body?.length ?? 0;
    if (queue.isReady) return;
    queue.isReady = true;
    this.ready.push(queue);
  }

  /** Back to being only rows: they are loaded again when their endpoint may be served. */
  private drop(queue: EndpointQueue): void {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      this.bytes -= job.body?.length ?? 0;
      queue.held.delete(job.id);
    }
  }

  private tidy(queue: EndpointQueue): void {
    const target = this.directory.find(queue.endpointId);
    if (queue.isForgettable(target, this.now())) this.queues.delete(queue.endpointId);
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
