import { Injectable } from '@nestjs/common';
import { isEventType } from '@quittance/events/catalogue';
import { sampleEvent } from '@quittance/events/samples';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { wants } from '../domain/endpoint.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { DomainError } from '../domain/errors.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { EndpointRepository } from '../endpoints/endpoint.repository.ts';
import { payloadVersions } from '../endpoints/event-catalogue.ts';
import { DeliveryLogRepository } from './delivery-log.repository.ts';
import type { DeliveryView } from './delivery-view.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Message } from './job.ts';
import { messageOf } from './message.ts';

/** An example of a type for one endpoint, by the way of every message: stored, signed, tried again, written down. */
@Injectable()
export class TestSendsService {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly log: DeliveryLogRepository,
    private readonly dispatcher: Dispatcher,
    private readonly clock: Clock,
    private readonly directory: EndpointDirectory,
  ) {}

  /** Without a type: the first one that the endpoint wants. With one: also what it does not. */
  async send(tx: Tx, tenantId: string, endpointId: string, type?: string): Promise<DeliveryView> {
    if (type !== undefined) refuseUnknown(type);
    // Locked, so that the endpoint cannot be removed between the look and the row.
    const endpoint = await this.endpoints.lock(tx, tenantId, endpointId);
    if (endpoint === null) throw notFound('webhook endpoint', endpointId);
    if (endpoint.state !== 'active') throw new DomainError('endpoint_not_active', 'The endpoint is not active.');
    // The tenant's keys go by what this brings: one that was destroyed must seal nothing.
    await this.directory.refresh(tx, [tenantId]);
    const now = this.clock.now();
    const message = exampleFor(endpoint, type ?? firstWanted(endpoint), now);
    const id = newId();
    const orderingKey = endpoint.ordering === 'none' ? null : id;
    const delivery = { tenantId, id, endpointId, messageId: message.id, shard: endpoint.shard, orderingKey };
    await this.deliveries.store(tx, [message], [delivery], now);
    tx.afterCommit(() => this.dispatcher.onMoreDue());
    const stored = await this.log.find(tx, tenantId, delivery.id);
    if (stored === null) throw notFound('webhook delivery', delivery.id);
    return stored;
  }
}

function refuseUnknown(type: string): void {
  if (payloadVersions.names.includes(type)) return;
  const errors = [{ pointer: '/eventType', detail: 'is not an event type that partners may subscribe to' }];
  throw new DomainError('event_type_unknown', 'The event type is unknown.', { errors });
}

function firstWanted(endpoint: Endpoint): string {
  return payloadVersions.names.find((name) => wants(endpoint, name)) ?? 'payment.posted';
}

/** Its data is the example of `GET /event-types`, in the version that the endpoint would be sent. */
function exampleFor({ tenantId, payloadVersion }: Endpoint, name: string, now: Date): Message {
  const subject = payloadVersions.published(name, payloadVersion);
  if (!isEventType(subject)) throw new Error(`the catalogue has no ${subject}`);
  const event = { ...sampleEvent(subject), id: newId(), tenantid: tenantId, time: now.toISOString() };
  return { ...messageOf(event), isTest: true };
}
