import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.ts';
import { isDatabaseUnavailable } from '../database/errors.ts';
import type { Tx } from '../database/tx.ts';
import { metrics } from '../telemetry/metrics.ts';
import { AckPublisher } from './ack-publisher.ts';
import type { Publication } from './ack-publisher.ts';
import { BrokerAmnesia, BrokerMemory } from './broker-memory.ts';
import type { NatsLink } from './nats-link.ts';

const BATCH_MAX = 500;
const PUBLISH_TIMEOUT_MS = 2_000;
const POLL_MS = 50;
/**
 * From so many rows a batch on, commits come faster than batches: waiting a little makes batches larger, not slower.
 */
const BUSY_ROWS = 10;
const LINGER_MS = 8;
const BACKOFF_MS = 250;
const MEMORY_CHECK_MS = 2_000;
/**
 * No transaction lives a minute (see createRoles), so nothing below what was published a minute ago can still commit.
 */
const FLOOR_LAG_MS = 60_000;
const FLOORLESS_SWEEP_MS = 10_000;

/**
 * Without the lock nothing is claimed: another relay of this service is at it.
 *
 * The log is read row by row, by its key. As a plain join the planner takes it for a scan of the whole day's log, and
 * the latency of every event grows with the events of the day.
 */
const CLAIM = `
  WITH lock AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtext($2)) AS taken
  ), batch AS MATERIALIZED (
    SELECT seq, logged_at FROM outbox_queue WHERE seq > $1 AND (SELECT taken FROM lock)
     ORDER BY seq LIMIT ${BATCH_MAX} FOR UPDATE SKIP LOCKED
  ), removed AS (
    DELETE FROM outbox_queue WHERE seq = ANY (ARRAY(SELECT seq FROM batch))
  )
  SELECT l.seq, l.id, l.type AS subject, l.traceparent, l.body
    FROM batch b CROSS JOIN LATERAL (
      SELECT * FROM event_log WHERE logged_at = b.logged_at AND seq = b.seq OFFSET 0
    ) l ORDER BY b.seq`;

/**
 * The relay's commit need not reach the disk before it goes on: what a dying Postgres forgets of it is queued again and
 * published again under the same ids. The writers' commits never are like this.
 */
const FORGETFUL = 'SET LOCAL synchronous_commit = off';

interface ClaimedRow {
  seq: string;
  id: string;
  subject: string;
  traceparent: string | null;
  body: Buffer;
}

/**
 * Moves events from the outbox to the service's stream, in the order of their sequence numbers.
 *
 * One transaction a batch: claim and remove from the queue, publish all, wait for every ack, commit.
 * - crash or broker error anywhere before the commit: Postgres rolls back, the batch is published again under the same
 *   ids; the broker's duplicate window drops most repetitions, every consumer's inbox the rest. Nothing is lost.
 * - one relay a service at a time, by an advisory transaction lock: two would disorder an aggregate's events
 * - never a cursor "seq > last seen": numbers are drawn before commits, so a cursor jumps over a late commit
 */
export class Relay {
  private readonly log = new Logger(Relay.name);
  private readonly published = metrics.counter('relay_published_total', 'Events acknowledged by the broker', []);
  private readonly batchSeconds = metrics.histogram('relay_batch_seconds', 'Claim to commit of one batch', []);
  private publisher: AckPublisher | undefined;
  private readonly memory: BrokerMemory;
  private readonly floor = new LaggingFloor();
  private stopping = false;
  private loop: Promise<void> | undefined;
  private wakeUp: (() => void) | undefined;
  private kicked = false;

  constructor(
    private readonly service: string,
    stream: string,
    private readonly db: Database,
    private readonly nats: NatsLink,
  ) {
    this.memory = new BrokerMemory(stream, db, nats);
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** After a commit: publish now instead of at the next poll. */
  kick(): void {
    this.kicked = true;
    this.wakeUp?.();
  }

  /** Publishes what is queued, then ends. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.kick();
    await this.loop;
  }

  private async run(): Promise<void> {
    let checkedAt = 0;
    for (;;) {
      const last = this.stopping;
      try {
        if (Date.now() - checkedAt > MEMORY_CHECK_MS) {
          checkedAt = Date.now();
          await this.memory.check();
        }
        this.kicked = false;
        let rows = await this.drain();
        while (rows === BATCH_MAX) rows = await this.drain();
        if (last) return;
        if (rows >= BUSY_ROWS) await pause(LINGER_MS);
        else await this.idle(POLL_MS);
      } catch (error) {
        if (error instanceof BrokerAmnesia) await this.memory.recover().catch((e: unknown) => this.complain(e));
        else this.complain(error);
        if (last) return;
        await pause(BACKOFF_MS);
      }
    }
  }

  private async drain(): Promise<number> {
    const nats = await this.nats.connection();
    this.publisher ??= new AckPublisher(nats, this.nats.inboxPrefix);
    const startedAt = performance.now();
    const rows = await this.db.tx((tx) => this.drainBatch(tx));
    if (rows.length > 0) {
      this.published.inc(rows.length);
      this.batchSeconds.observe((performance.now() - startedAt) / 1000);
    }
    return rows.length;
  }

  private async drainBatch(tx: Tx): Promise<ClaimedRow[]> {
    // In this order: the mark is read under the lock, or it could be older than another relay's last batch.
    const [, rows, remembered] = await Promise.all([
      tx.execute(FORGETFUL),
      tx.query<ClaimedRow>(CLAIM, [this.floor.value(), `quittance.relay.${this.service}`]),
      this.memory.read(tx),
    ]);
    if (rows.length === 0) return rows;
    const acks = await this.publisher!.publishAll(rows.map(publication), PUBLISH_TIMEOUT_MS);
    await this.memory.remember(tx, remembered, acks);
    const last = BigInt(rows.at(-1)!.seq);
    tx.afterCommit(() => this.floor.published(last));
    return rows;
  }

  private async idle(ms: number): Promise<void> {
    if (this.kicked) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = undefined;
  }

  private complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (isDatabaseUnavailable(error)) this.log.warn(`relay waits for the database: ${message}`);
    else this.log.warn(`relay batch rolled back, will be published again: ${message}`);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function publication(row: ClaimedRow): Publication {
  const { id, subject, traceparent, body } = row;
  return { id, subject, traceparent, body, contentType: 'application/cloudevents+json' };
}

/**
 * A lower bound for the claim, so that it does not wade through a queue's dead rows while an old snapshot keeps them.
 * It lags behind what was published by a minute, and every ten seconds a claim goes without it.
 */
class LaggingFloor {
  private marks: { seq: bigint; at: number }[] = [];
  private sweptAt = Date.now();

  value(): string {
    const now = Date.now();
    if (now - this.sweptAt > FLOORLESS_SWEEP_MS) {
      this.sweptAt = now;
      return '0';
    }
    while (this.marks[1] && now - this.marks[1].at > FLOOR_LAG_MS) this.marks.shift();
    const [oldest] = this.marks;
    return oldest && now - oldest.at > FLOOR_LAG_MS ? oldest.seq.toString() : '0';
  }

  published(seq: bigint): void {
    const now = Date.now();
    const last = this.marks.at(-1);
    // A redrive publishes old numbers again: then there is no floor to rely on.
    if (last && seq < last.seq) this.marks = [];
    if (!last || now - last.at > 1_000) this.marks.push({ seq, at: now });
  }
}
