import { Logger } from '@nestjs/common';
import { decode } from '@quittance/events/envelope';
import type { Tx } from '../database/tx.ts';
import { storeDeadLetter } from './dead-letters.ts';
import { isOfTheHandler, messageOf } from './failures.ts';
import { applyHandler } from './handlers.ts';
import { Inbox } from './inbox.ts';
import type { ParkedRow } from './inbox.ts';
import type { Lease } from './lease.ts';
import { PoisonError } from './poison.ts';
import type { ProcessorOptions } from './processor-options.ts';

const FAILURES_MAX = 5;

/** A parked event's handler threw: which event, for the caller to count or to give up. */
class ParkedFailure extends Error {
  override readonly name = 'ParkedFailure';

  constructor(
    readonly row: ParkedRow,
    override readonly cause: unknown,
  ) {
    super(messageOf(cause));
  }
}

/**
 * Lets parked events go when their predecessor has come, or an operator has replayed them; each in a transaction of its
 * own, so that one that fails does not hold up the others. After five failures, or at once when its handler says that
 * trying again is no use, it becomes a dead letter (again).
 */
export class Park {
  private readonly log = new Logger(Park.name);
  private readonly failures = new Map<string, number>();
  /** Whether there may be something; true at the start, when nobody knows. */
  private mayHoldSome = true;

  constructor(private readonly options: ProcessorOptions) {}

  get isEmpty(): boolean {
    return !this.mayHoldSome;
  }

  filled(): void {
    this.mayHoldSome = true;
  }

  /** Applies what may go, until nothing more may. @throws LeaseLost, or the database's error when it is unavailable */
  async release(lease: Lease): Promise<void> {
    for (let skip = 0; ;) {
      try {
        if (!(await this.options.db.tx((tx) => this.releaseNext(tx, lease, skip)))) break;
      } catch (error) {
        if (!(error instanceof ParkedFailure)) throw error;
        if (!(await this.failed(error, lease))) skip += 1;
      }
    }
    this.mayHoldSome = await this.options.db.tx((tx) => new Inbox(tx, lease).hasParked());
  }

  private async releaseNext(tx: Tx, lease: Lease, skip: number): Promise<boolean> {
    const inbox = new Inbox(tx, lease);
    await inbox.open([]);
    const row = await inbox.release(skip);
    if (!row) return false;
    const decoded = decode({ subject: row.subject, data: row.body });
    const event = row.traceparent ? { ...decoded, traceparent: row.traceparent } : decoded;
    try {
      await applyHandler(this.options.handlerOf(event.type), [event], tx);
    } catch (error) {
      throw isOfTheHandler(error) ? new ParkedFailure(row, error) : error;
    }
    inbox.advance(event);
    await inbox.close([]);
    return true;
  }

  /** @returns whether it is out of the way */
  private async failed({ row, cause, message }: ParkedFailure, lease: Lease): Promise<boolean> {
    const { nats, service, stream, db } = this.options;
    const times = (this.failures.get(row.id) ?? 0) + 1;
    this.failures.set(row.id, times);
    this.log.warn(`${stream}: parked ${row.subject} ${row.id} failed ${times} times: ${message}`);
    if (times < FAILURES_MAX && !(cause instanceof PoisonError)) return false;
    // A place of its own: under its old one the broker would take it for the letter that was replayed, and drop it.
    const place = `parked-${row.id}-${Date.now()}`;
    await storeDeadLetter(nats, { subject: row.subject, body: row.body, place }, { service, stream, reason: message });
    await db.tx(async (tx) => {
      const inbox = new Inbox(tx, lease);
      await inbox.open([]);
      await inbox.forget(row);
    });
    this.failures.delete(row.id);
    this.log.error(`${stream}: dead letter ${row.subject} from the park: ${message}`);
    return true;
  }
}
