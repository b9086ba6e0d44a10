import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import { isDatabaseUnavailable } from '../database/errors.ts';
import { BatchProcessor } from './batch-processor.ts';
import type { ProcessorOptions } from './processor-options.ts';
import { LeaseLost, giveUpLease, renewLease, takeLease } from './lease.ts';
import type { Lease } from './lease.ts';
import type { StreamMessage } from './message.ts';
import type { NatsLink } from './nats-link.ts';
import { Puller } from './puller.ts';

const IDLE_PULL_MS = 2_000;
const STANDBY_MS = 1_000;
const RENEW_MS = 5_000;
const BACKOFF_MS = 250;

/** What the server says of a durable; without `config` it says that there is none. */
interface ConsumerInfo {
  num_ack_pending?: number;
  config?: { ack_wait: number; max_ack_pending: number };
}

export interface ReaderOptions extends Omit<ProcessorOptions, 'nats'> {
  link: NatsLink;
  instanceId: string;
}

/**
 * Reads one durable, as the only active reader of it: take the lease, wait until what a dead reader left is due again,
 * then one batch in flight at a time. Waiting is what keeps the order over a crash: redeliveries come first then.
 */
export class StreamReader {
  private readonly log = new Logger(StreamReader.name);
  private stopping = false;
  private loop: Promise<void> | undefined;
  private puller: Puller | undefined;
  private interrupt: (() => void) | undefined;
  /** After so long without a word the server redelivers; the durable says it anew each time the lease is taken. */
  private ackWaitMs = 5_000;
  /** A batch is all that the server hands out unacknowledged; to ask for more is to wait for what never comes. */
  private batchMax = 1;

  constructor(private readonly options: ReaderOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  /** Finishes the batch in hand, gives the lease up, ends. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.puller?.close();
    this.interrupt?.();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { db, stream, instanceId, link } = this.options;
    const nats = await Promise.race([link.connection(), this.interrupted()]);
    let restarted = true;
    while (!this.stopping && nats) {
      try {
        const lease = await takeLease(db, stream, { owner: instanceId, restarted });
        restarted = false;
        if (!lease) await this.sleep(STANDBY_MS);
        else await this.readUnder(lease, nats);
      } catch (error) {
        this.complain(error);
        await this.sleep(BACKOFF_MS);
      }
    }
  }

  private async readUnder(lease: Lease, nats: NatsConnection): Promise<void> {
    const { db, link, stream, service } = this.options;
    const processor = new BatchProcessor({ ...this.options, nats });
    const puller = (this.puller = new Puller(nats, link.inboxPrefix, stream, service));
    let lost = false;
    const renewal = setInterval(() => {
      renewLease(db, lease).then(
        (held) => (lost ||= !held),
        () => undefined,
      );
    }, RENEW_MS);
    try {
      await this.untilLeftoversAreDue(nats);
      await this.insist(() => processor.park.release(lease));
      while (!this.stopping) {
        if (lost) throw new LeaseLost(stream);
        const messages = await puller.pull(this.batchMax, IDLE_PULL_MS);
        if (messages.length > 0) await this.work(processor, messages, lease);
        else if (puller.refused) await this.sleep(BACKOFF_MS);
        else await this.insist(() => processor.park.release(lease));
      }
    } finally {
      clearInterval(renewal);
      puller.close();
      // So that whoever reads next, this process too, need not wait for the expiry. Fenced by the epoch.
      await giveUpLease(db, lease).catch(() => undefined);
    }
  }

  private async work(processor: BatchProcessor, messages: StreamMessage[], lease: Lease): Promise<void> {
    const beat = setInterval(() => messages.forEach((message) => message.working()), this.ackWaitMs / 3);
    try {
      await this.insist(() => processor.process(messages, lease));
    } finally {
      clearInterval(beat);
    }
  }

  /** The database away is nobody's failure: the batch stays in hand and is tried again until it is back. */
  private async insist(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isDatabaseUnavailable(error) || this.stopping) throw error;
        this.complain(error);
        await this.sleep(BACKOFF_MS);
      }
    }
  }

  /** Insists on an answer: to read on without it could hand out new events before what a dead reader left. */
  private async untilLeftoversAreDue(nats: NatsConnection): Promise<void> {
    const { stream, service } = this.options;
    for (; !this.stopping; await this.sleep(BACKOFF_MS)) {
      const info = await nats
        .request(`$JS.API.CONSUMER.INFO.${stream}.${service}`, undefined, { timeout: 2_000 })
        .then((message) => message.json<ConsumerInfo>())
        .catch(() => undefined);
      if (!info?.config) continue;
      this.ackWaitMs = info.config.ack_wait / 1_000_000;
      this.batchMax = info.config.max_ack_pending;
      if (info.num_ack_pending) await this.sleep(this.ackWaitMs);
      return;
    }
  }

  private async sleep(ms: number): Promise<void> {
    if (this.stopping) return;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([new Promise((resolve) => (timer = setTimeout(resolve, ms))), this.interrupted()]);
    clearTimeout(timer);
  }

  private interrupted(): Promise<undefined> {
    return new Promise((resolve) => (this.interrupt = () => resolve(undefined)));
  }

  private complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.log.warn(`${this.options.stream}: ${error instanceof LeaseLost ? 'lease lost, standing by' : message}`);
  }
}
