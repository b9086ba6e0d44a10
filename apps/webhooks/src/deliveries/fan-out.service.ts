import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { AdmissionService } from '../backlog/admission.service.ts';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import type { Published } from '../domain/matching.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { PullFeed } from '../pull/pull-feed.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Job, Message, NewDelivery } from './job.ts';
import { messageOf, publishedOf } from './message.ts';
import type { Fact } from './message.ts';

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
    private readonly admission: AdmissionService,
    private readonly feed: PullFeed,
    private readonly bodies: SealedBodies,
  ) {}

  /** `keep`: also where nobody wants them, because their publisher may ask what became of them. */
  async fanOut(tx: Tx, events: readonly Fact[], { keep = false } = {}): Promise<void> {
    const tenants = [...new Set(events.map(({ tenantid }) => tenantid))];
    const placed = events.map(({ tenantid, id }) => ({ tenantId: tenantid, id }));
    const [places] = await Promise.all([this.feed.place(tx, placed), this.directory.refresh(tx, tenants)]);
    // Kept for a tenant's later replays even where no endpoint wants the type today.
    const relevant = events.filter(
      ({ tenantid, id }) => keep || places.has(id) || this.directory.ofTenant(tenantid).length > 0,
    );
    if (relevant.length === 0) return;
    const paired = relevant.map((event) => ({
      event,
      message: { ...messageOf(event), position: places.get(event.id) ?? null },
    }));
    const messages = new Map(paired.map(({ message }) => [message.id, message]));
    const wanted = paired.flatMap(({ event, message }) => this.plan(message, publishedOf(event, message)));
    const planned = await this.admission.admit(tx, wanted);
    const now = this.clock.now();
    const stored = new Set(await this.deliveries.store(tx, [...messages.values()], planned, now));
    tx.afterCommit(() => {
      const made = planned.filter(({ id }) => stored.has(id));
      this.dispatcher.offer(made.map((delivery) => this.job(delivery, messages.get(delivery.messageId), now)));
    });
  }

  private job(delivery: NewDelivery, message: Message | undefined, createdAt: Date): Job {
    const { type = null, isTest = false, body = null, sequence = null, traceparent = null } = message ?? {};
    const keyId = this.bodies.keyIdOf(delivery.tenantId);
    return { ...delivery, attempt: 0, createdAt, type, isTest, body, sequence, traceparent, keyId };
  }

  /** Also for disabled endpoints: of what is not admitted a gap is kept. */
  private plan(message: Message, published: Published): NewDelivery[] {
    return this.directory.concerned(message.tenantId, published).map(({ tenantId, id, shard, ordering }) => ({
      ...{ tenantId, id: newId(), endpointId: id, messageId: message.id, shard },
      orderingKey: ordering === 'none' ? null : message.subject,
    }));
  }
}
