import { Logger } from '@nestjs/common';
import { isDatabaseUnavailable } from '@quittance/service-kit/database/errors';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { Settlement } from './job.ts';

const batchMax = 500;
const lingerMs = 5;
const backlogMax = 2_000;
const backoffMs = 500;

const settledTotal = metrics.counter(
  'webhook_deliveries_total',
  'Attempts written down, by what became of the delivery',
  ['result'],
);
const fencedTotal = metrics.counter(
  'webhook_settle_fenced_total',
  'Attempts that were not written down: shard or delivery was no longer ours',
);

/** Writes a batch in one transaction and answers the ids it settled. */
export type WriteBatch = (batch: readonly Settlement[]) => Promise<ReadonlySet<string>>;

/**
 * Collects results for at most 5 ms or 500 of them and writes them down together, one batch at a time: the busier it
 * is, the larger is the next, and the fewer statements a delivery takes.
 *
 * The database away: the same batch again until it answers; a repeat after an unknown commit changes nothing. One bad
 * row: the batch is halved until it stands alone, then it is written without what the receiver sent. A crash before the
 * commit: the deliveries are still open and are sent again under the same `webhook-id`.
 */
export class Settler {
  private readonly log = new Logger(Settler.name);
  private readonly buffer: Settlement[] = [];
  private readonly idle: (() => void)[] = [];
  private writing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly write: WriteBatch,
    private readonly settled: (batch: readonly Settlement[]) => void,
  ) {}

  /** With so much unwritten, sending on would only make more duplicates after a crash. */
  get isFull(): boolean {
    return this.buffer.length >= backlogMax;
  }

  add(settlement: Settlement): void {
    this.buffer.push(settlement);
    if (this.buffer.length >= batchMax) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), lingerMs);
  }

  /** Resolves when everything handed over so far is written down. */
  drained(): Promise<void> {
    if (this.buffer.length === 0 && !this.writing) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writing || this.buffer.length === 0) return;
    this.writing = true;
    void this.finish(this.buffer.splice(0, batchMax));
  }

  private async finish(batch: readonly Settlement[]): Promise<void> {
    const done = await this.persist(batch);
    this.writing = false;
    this.settled(done);
    if (this.buffer.length > 0) this.flush();
    else for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Answers what it is done with, written or fenced; the rest must not be sent again by this process. */
  private async persist(batch: readonly Settlement[]): Promise<readonly Settlement[]> {
    for (;;) {
      try {
        this.count(batch, await this.write(batch));
        return batch;
      } catch (error) {
        if (!isDatabaseUnavailable(error)) return this.isolate(batch, error);
        this.log.warn(`${batch.length} attempts wait for the database`);
        await new Promise((resolve) => setTimeout(resolve, backoffMs));
      }
    }
  }

  private async isolate(batch: readonly Settlement[], error: unknown): Promise<readonly Settlement[]> {
    const [first] = batch;
    if (first === undefined) return [];
    if (batch.length > 1) {
      const half = batch.length >> 1;
      return [...(await this.persist(batch.slice(0, half))), ...(await this.persist(batch.slice(half)))];
    }
    this.log.error({ err: error, deliveryId: first.job.id }, 'an attempt cannot be written down');
    const { reply } = first;
    if (reply.body === null && Object.keys(reply.headers).length === 0) return [];
    return this.persist([{ ...first, reply: { ...reply, body: null, headers: {} } }]);
  }

  private count(batch: readonly Settlement[], written: ReadonlySet<string>): void {
    for (const { job, verdict } of batch) {
      if (written.has(job.id)) settledTotal.inc({ result: verdict.result ?? 'retry' });
    }
    if (written.size < batch.length) fencedTotal.inc(batch.length - written.size);
  }
}
