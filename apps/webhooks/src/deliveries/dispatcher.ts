import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { WebhooksConfig } from '../config.ts';
import { FairScheduler } from '../domain/fair-scheduler.ts';
import { isPastSchedule, scheduleOf } from '../domain/retry.ts';
import { signalOf } from '../domain/signal.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';
import type { Pass } from './endpoint-gate.ts';
import { isOpen } from './endpoint-queue.ts';
import type { EndpointQueue } from './endpoint-queue.ts';
import { EndpointQueues } from './endpoint-queues.ts';
import type { DueEndpoint, Job, Settlement } from './job.ts';
import type { KeyLine } from './key-line.ts';
import { RecordAttemptsService } from './record-attempts.service.ts';
import { Sender } from './sender.ts';
import { givenUp, settlementOf } from './settlement.ts';
import type { Made } from './settlement.ts';
import { Settler } from './settler.ts';
import { ShardLeases } from './shard-leases.ts';

const refillBelow = 100;
const refillPage = 200;
/** What waits behind an open breaker stays rows, but for a few to probe with: memory is for who can be sent to. */
const probePage = 10;
const lowWater = 25;

const inFlightGauge = metrics.gauge('webhook_requests_in_flight', 'Requests to receivers under way in this process');
const attemptSeconds = metrics.histogram('webhook_attempt_seconds', 'Time of one request to a receiver', ['outcome']);

/**
 * Sends what is due, at least once and always under the same `webhook-id`.
 *
 * Nothing is claimed in the database: the owner of a shard is the only sender for it and knows in memory what it has in
 * hand. A process that dies leaves its rows as they were, and the next owner of the shard sends them again. Whatever
 * does not fit into memory stays a row and is loaded later.
 *
 * Who is next is for the scheduler to say, whether and how much an endpoint may be sent for its gate. Where an endpoint
 * keeps the order of a subject, memory knows too little: its deliveries come from rows only, and only those before
 * which nothing of their key is open.
 */
@Injectable()
export class Dispatcher {
  private readonly queues: EndpointQueues;
  private readonly scheduler: FairScheduler<EndpointQueue>;
  private stopping = false;
  private readonly settler: Settler;
  private readonly schedule: readonly number[];
  /** Set by the worker that loads from the table: called when something is due that memory does not have. */
  onMoreDue: () => void = () => undefined;

  constructor(
    private readonly leases: ShardLeases,
    private readonly directory: EndpointDirectory,
    private readonly sender: Sender,
    private readonly clock: Clock,
    config: WebhooksConfig,
    records: RecordAttemptsService,
  ) {
    this.schedule = config.webhookRetryScheduleMs.map(Number);
    this.queues = new EndpointQueues(config.webhookEndpointConcurrency, (endpointId) => directory.find(endpointId));
    this.scheduler = new FairScheduler(config.webhookConcurrency, (tenantId) => directory.weightOf(tenantId));
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
      const queue = this.queues.of(job);
      if (job.orderingKey) queue.line.touch(job.orderingKey);
      else if (queue.hasMore || queue.gate.isBroken || !this.queues.hasRoom(queue)) queue.hasMore = true;
      else this.queues.add(queue, job, lease.epoch);
      this.join(queue);
    }
    this.pump();
    if (jobs.some(({ orderingKey }) => orderingKey)) this.onMoreDue();
  }

  /** Before rows are loaded; `accept` ends it. */
  beginRefill(): void {
    this.queues.beginLoading();
  }

  /** How many rows of this endpoint to look at: what is in hand already, and a page more. 0: it needs none now. */
  wanted({ endpointId }: DueEndpoint): number {
    const queue = this.queues.find(endpointId);
    const target = this.directory.find(endpointId);
    if (queue !== undefined && !this.serves(queue, target)) this.queues.drop(queue);
    if (this.stopping || this.queues.isFull || !isOpen(target, this.now())) return 0;
    if (queue === undefined) return refillPage;
    if (!this.serves(queue, target)) return 0;
    if (queue.gate.isBroken) return this.wantedWhileBroken(queue, target);
    return queue.length < refillBelow ? queue.held.size + refillPage : 0;
  }

  /** What is known of the keys of an endpoint that keeps an order. */
  lineOf(endpoint: DueEndpoint): KeyLine {
    return this.queues.of(endpoint).line;
  }

  /** Rows loaded from the table for the endpoints that wanted them. */
  accept(jobs: readonly Job[], asked: readonly (DueEndpoint & { wanted: number })[]): void {
    const loaded = Map.groupBy(jobs, ({ endpointId }) => endpointId);
    for (const endpoint of asked) {
      const lease = this.leases.held(endpoint.shard);
      if (lease === undefined) continue;
      const queue = this.queues.of(endpoint);
      const rows = loaded.get(endpoint.endpointId) ?? [];
      queue.hasMore = rows.length >= endpoint.wanted || queue.line.hasMore || queue.line.hasHot;
      this.queues.finishLoading(queue, rows, lease.epoch);
      this.join(queue);
    }
    this.pump();
  }

  /** Tenants with something in hand: their configuration has to be kept fresh. */
  tenants(): string[] {
    this.queues.tidy(this.queues.all(), this.now());
    return [...new Set(this.queues.all().map(({ tenantId }) => tenantId))];
  }

  isBusy(shard: number): boolean {
    return this.queues.all().some((queue) => queue.shard === shard && queue.held.size > queue.length);
  }

  /** How many requests may be under way from now on; those that are go on. */
  resize(slots: number): void {
    this.scheduler.resize(slots);
    this.pump();
  }

  /** Sends nothing more, waits for the answers that are still to come, and has them written down. */
  async drain(): Promise<void> {
    this.stopping = true;
    for (const queue of this.queues.all()) {
      this.queues.drop(queue);
      queue.quiet();
    }
    while (this.scheduler.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.settler.drained();
  }

  private settled(batch: readonly Settlement[]): void {
    const touched = new Set<EndpointQueue>();
    for (const { job } of batch) {
      this.queues.settled(job);
      const queue = this.queues.find(job.endpointId);
      if (queue !== undefined) touched.add(queue);
      if (job.orderingKey) queue?.line.touch(job.orderingKey);
    }
    this.queues.tidy(touched, this.now());
    this.pump();
    // The next of its key is a row that nobody has looked at yet.
    if (batch.some(({ job }) => job.orderingKey)) this.onMoreDue();
  }

  private join(queue: EndpointQueue): void {
    if (queue.length > 0) this.scheduler.join(queue);
  }

  private wake(queue: EndpointQueue): void {
    this.join(queue);
    this.pump();
  }

  /** As long as slots are free and somebody may use one. Whose gate is closed leaves, and comes back when it opens. */
  private pump(): void {
    while (!this.settler.isFull) {
      const queue = this.scheduler.next();
      if (queue === undefined) break;
      this.serve(queue);
    }
    inFlightGauge.set(this.scheduler.inFlight);
  }

  /** The target is looked up for each send: an edited URL or secret counts for what was queued before it, too. */
  private serve(queue: EndpointQueue): void {
    const target = this.directory.find(queue.endpointId);
    const lease = this.leases.held(queue.shard);
    if (lease?.epoch !== queue.epoch || !this.serves(queue, target)) this.queues.drop(queue);
    else {
      const now = performance.now();
      queue.gate.sync(target, now);
      const waitMs = queue.gate.waitMs(now);
      if (waitMs === 0) return this.send(queue, target, lease);
      queue.wakeAfter(waitMs, () => this.wake(queue));
    }
    this.scheduler.leave(queue);
  }

  private send(queue: EndpointQueue, target: Target, lease: { epoch: string; takenAt: Date }): void {
    const kind = this.scheduler.start(queue);
    const job = queue.take(kind);
    if (job === undefined) throw new Error('a turn was given to a queue that has nothing of its kind');
    this.queues.took(job);
    if (queue.length < lowWater && queue.hasMore) this.onMoreDue();
    const pass = queue.gate.started(performance.now());
    const possibleDuplicate = job.dueAt !== undefined && job.dueAt < lease.takenAt;
    void this.sender.send(job, target).then((reply) => {
      this.scheduler.finish(queue, kind, performance.now() - pass.startedAt);
      this.record(queue, target, pass, { job, reply, epoch: lease.epoch, possibleDuplicate });
      this.wake(queue);
    });
  }

  private record(queue: EndpointQueue, target: Target, pass: Pass, made: Made): void {
    const settlement = settlementOf(made, scheduleOf(target.retrySchedule, this.schedule), new Date(this.now()));
    const { verdict, outcome, reply } = settlement;
    if (verdict.disable !== null) queue.halt(target, Infinity);
    else if (verdict.holdUntil !== null) queue.halt(target, verdict.holdUntil.getTime());
    const breaker = queue.gate.finished(pass, signalOf(reply, verdict), performance.now());
    if (breaker?.to === 'open') this.queues.drop(queue);
    attemptSeconds.observe({ outcome }, reply.durationMs / 1000);
    this.settler.add({ ...settlement, breaker });
  }

  /**
   * An open breaker burns no attempt but those of its probes, and yet nothing waits for ever: what waited behind it for
   * as long as a whole schedule takes is exhausted without another request. A person's hand on the endpoint begins that
   * time anew, so that switching it on again after a long pause loses nothing.
   */
  private wantedWhileBroken(queue: EndpointQueue, target: Target): number {
    const lease = this.leases.held(queue.shard);
    if (lease?.epoch !== queue.epoch) return 0;
    const now = this.now();
    const since = (job: Job) => Math.max(+job.createdAt, +target.updatedAt, +(target.breakerOpenedAt ?? now));
    const isTooOld = (job: Job) => isPastSchedule(since(job), scheduleOf(target.retrySchedule, this.schedule), now);
    queue.gaveUp = false;
    for (let job = queue.takeIf(isTooOld); job !== undefined; job = queue.takeIf(isTooOld)) {
      queue.gaveUp = true;
      this.settler.add(givenUp(this.queues.took(job), lease.epoch));
    }
    queue.gate.sync(target, performance.now());
    this.wake(queue);
    if (queue.length > 0) return 0;
    return queue.held.size + (queue.gaveUp ? refillPage : probePage);
  }

  private serves(queue: EndpointQueue, target: Target | undefined): target is Target {
    return isOpen(target, this.now()) && !queue.isHalted(target, this.now());
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
