import { Logger } from '@nestjs/common';
import { maskCardNumbers } from '../card-data/card-number.ts';
import { metrics } from '../telemetry/metrics.ts';
import { storeDeadLetter } from './dead-letters.ts';
import { isWrittenByOutsiders, maskLetter, refuseCardDataIn } from './foreign-events.ts';
import { Failures, isOfTheHandler, messageOf } from './failures.ts';
import { applyHandler } from './handlers.ts';
import type { Handler } from './handlers.ts';
import { Inbox } from './inbox.ts';
import type { Incoming } from './inbox.ts';
import type { Lease } from './lease.ts';
import { Park } from './park.ts';
import { PoisonError } from './poison.ts';
import { cutIntoRuns } from './runs.ts';
import type { Delivered, Run } from './runs.ts';
import type { StreamMessage } from './message.ts';
import type { ProcessorOptions } from './processor-options.ts';

/**
 * After the n-th failure of a message's own handler we wait so long, give or take a fifth; after the fifth we give it
 * up.
 */
const BACKOFF_MS = [100, 500, 2_000, 10_000];
const FAILURES_MAX = 5;
/**
 * From so many deliveries on, a message that has had no effect yet is handled alone: it may be what kills the
 * process.
 */
const SUSPICIOUS_DELIVERIES = 5;
const SOLITARY_MAX = 10;

const consumed = metrics.counter('events_consumed_total', 'Events taken into effect or passed over', ['stream']);
const duplicates = metrics.counter('inbox_duplicates_total', 'Deliveries that had had their effect before', ['stream']);
const parkedTotal = metrics.counter('inbox_parked_total', 'Events that came before their predecessor', ['stream']);
const deadLetters = metrics.counter('dead_letters_total', 'Events given up, with a reason', ['stream']);

/**
 * Brings one batch of messages into effect, exactly once each, in stream order.
 *
 * Acknowledged is what has been committed, or stored as a dead letter. A crash before the commit: redelivered, nothing
 * happened. After it and before the ack: redelivered, the inbox knows. The database away, or the lease lost: it throws,
 * nothing is acknowledged, no message is blamed.
 */
export class BatchProcessor {
  private readonly log = new Logger(BatchProcessor.name);
  private readonly failures: Failures;
  readonly park: Park;

  constructor(private readonly options: ProcessorOptions) {
    this.failures = new Failures(options.db, options.stream);
    this.park = new Park(options);
  }

  /** @throws LeaseLost, or the database's error when it is unavailable */
  async process(messages: readonly StreamMessage[], lease: Lease): Promise<void> {
    const { stream, handlerOf } = this.options;
    const check = isWrittenByOutsiders(stream) ? refuseCardDataIn : undefined;
    const { runs, unreadable } = cutIntoRuns(messages, handlerOf, check);
    for (const { message, error } of unreadable) await this.bury(message, error.message);
    for (const run of runs) await this.take(run, lease);
    if (!this.park.isEmpty) await this.park.release(lease);
  }

  private async take(run: Run, lease: Lease): Promise<void> {
    const suspicious = run.delivered.some(({ message }) => message.deliveryCount >= SUSPICIOUS_DELIVERIES);
    if (!suspicious) {
      try {
        await this.apply(run.delivered, run.handler, lease);
        for (const { message } of run.delivered) message.ack();
        return;
      } catch (error) {
        if (!isOfTheHandler(error)) throw error;
        this.log.warn(`${this.options.stream}: a batch failed, its events are tried one by one: ${messageOf(error)}`);
      }
    }
    for (const delivered of run.delivered) await this.takeAlone(delivered, lease);
  }

  private async takeAlone(delivered: Delivered, lease: Lease): Promise<void> {
    const { message, handler } = delivered;
    if (message.deliveryCount >= SUSPICIOUS_DELIVERIES && handler) {
      const times = await this.failures.solitary(message.streamSeq);
      if (times > SOLITARY_MAX)
        return this.giveUp(delivered, `handled alone ${SOLITARY_MAX} times, never to an end`, lease);
    }
    for (;;) {
      try {
        await this.apply([delivered], handler, lease);
        return message.ack();
      } catch (error) {
        if (!isOfTheHandler(error)) throw error;
        if (error instanceof PoisonError) return this.giveUp(delivered, error.message, lease);
        const failures = await this.failures.failed(message.streamSeq, messageOf(error));
        if (failures >= FAILURES_MAX) return this.giveUp(delivered, messageOf(error), lease);
        const base = BACKOFF_MS[failures - 1] ?? 0;
        await new Promise((resolve) => setTimeout(resolve, base * (0.8 + Math.random() * 0.4)));
      }
    }
  }

  private async apply(delivered: readonly Delivered[], handler: Handler | undefined, lease: Lease): Promise<void> {
    const { stream, db } = this.options;
    const incoming = delivered.map(({ event, handler: own }): Incoming => ({
      event,
      handled: own !== undefined,
    }));
    const { parked, applied } = await db.tx(async (tx) => {
      const inbox = new Inbox(tx, lease);
      const sorted = await inbox.open(incoming);
      const events = sorted.applicable.filter(({ handled }) => handled).map(({ event }) => event);
      await applyHandler(handler, events, tx);
      await inbox.close(sorted.parked);
      return { parked: sorted.parked.length, applied: sorted.applicable.length };
    });
    consumed.inc({ stream }, applied);
    duplicates.inc({ stream }, incoming.length - applied - parked);
    if (parked > 0) {
      parkedTotal.inc({ stream }, parked);
      this.park.filled();
    }
  }

  /** The dead letter is stored before the original is settled; a ledger's later events of that aggregate then wait. */
  private async giveUp({ message, event, handler }: Delivered, reason: string, lease: Lease): Promise<void> {
    if (handler?.afterDeadLetter === 'continue') {
      await this.options.db.tx(async (tx) => {
        const inbox = new Inbox(tx, lease);
        // Not entered: it had no effect, so that a replay, or a redrive, may still give it one.
        await inbox.open([]);
        inbox.advance(event);
        await inbox.close([]);
      });
    }
    await this.bury(message, reason);
  }

  private async bury(message: StreamMessage, reason: string): Promise<void> {
    const { nats, service, stream } = this.options;
    const { subject, body, headers, streamSeq } = message;
    const letter = { subject, body, headers, place: String(streamSeq) };
    const kept = isWrittenByOutsiders(stream) ? maskLetter(letter) : letter;
    await storeDeadLetter(nats, kept, { service, stream, reason: maskCardNumbers(reason) });
    message.term();
    deadLetters.inc({ stream });
    this.log.error(`${stream}: dead letter ${message.subject} at ${message.streamSeq}: ${reason}`);
  }
}
