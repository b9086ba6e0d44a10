import { Injectable } from '@nestjs/common';
import { sequenceOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { wants } from '../domain/endpoint.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Job, Message, NewDelivery } from './job.ts';

/**
 * One event becomes one stored message and one delivery for each endpoint that wants it.
 *
 * Exactly once: the inbox row, the message's key and its deliveries are one transaction, and deliveries are made only
 * for messages that this statement itself inserted. Crash before the commit: the events come again. Crash after it and
 * before the hand-over: the rows are found by the refill.
 */
@Injectable()
export class FanOutService {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly directory: EndpointDirectory,
    private readonly dispatcher: Dispatcher,
    private readonly clock: Clock,
  ) {}

  async fanOut(tx: Tx, events: readonly QuittanceEvent[]): Promise<void> {
    const tenants = [...new Set(events.map(({ tenantid }) => tenantid))];
    await this.directory.refresh(tx, tenants);
    // Kept for a tenant's later replays even where no endpoint wants the type today.
    const relevant = events.filter(({ tenantid }) => this.directory.ofTenant(tenantid).length > 0);
    if (relevant.length === 0) return;
    const messages = new Map(relevant.map((event) => [event.id, messageOf(event)]));
    const planned = relevant.flatMap((event) => this.plan(event));
    const now = this.clock.now();
    const stored = new Set(await this.deliveries.store(tx, [...messages.values()], planned, now));
    const jobs = planned
      .filter(({ id }) => stored.has(id))
      .map((delivery) => jobOf(delivery, messages.get(delivery.messageId), now));
    tx.afterCommit(() => this.dispatcher.offer(jobs));
  }

  private plan(event: QuittanceEvent): NewDelivery[] {
    return this.directory
      .ofTenant(event.tenantid)
      .filter((target) => wants(target, event.type))
      .map(({ tenantId, id, shard }) => ({ tenantId, id: newId(), endpointId: id, messageId: event.id, shard }));
  }
}

/** The order of the keys is part of the bytes that are signed, so they are put together here and nowhere else. */
function messageOf(event: QuittanceEvent): Message {
  const { id, type, time, data, sequence, tenantid, subject, traceparent } = event;
  return {
    ...{ tenantId: tenantid, id, type, subject, occurredAt: time },
    sequence: sequenceOf(event) ?? null,
    traceparent: traceparent ?? null,
    body: Buffer.from(JSON.stringify({ type, timestamp: time, data, id, sequence })),
  };
}

function jobOf(delivery: NewDelivery, message: Message | undefined, createdAt: Date): Job {
  return {
    ...delivery,
    attempt: 0,
    createdAt,
    body: message?.body ?? null,
    sequence: message?.sequence ?? null,
    traceparent: message?.traceparent ?? null,
  };
}
