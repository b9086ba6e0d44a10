import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '@quittance/service-kit/http/problem';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import { DomainError } from '../domain/errors.ts';
import { retryBreaksOrder } from '../domain/ordering.ts';
import { EndpointRepository } from '../endpoints/endpoint.repository.ts';
import { DeliveryLogRepository } from './delivery-log.repository.ts';
import type { DeliveryFilter } from './delivery-log.repository.ts';
import type { DeliveryDetail, DeliveryView } from './delivery-view.ts';
import { Dispatcher } from './dispatcher.ts';

@Injectable()
export class DeliveriesService {
  constructor(
    private readonly log: DeliveryLogRepository,
    private readonly endpoints: EndpointRepository,
    private readonly dispatcher: Dispatcher,
    private readonly clock: Clock,
    private readonly bodies: SealedBodies,
  ) {}

  page(tx: Tx, tenantId: string, filter: DeliveryFilter): Promise<DeliveryView[]> {
    return this.log.page(tx, tenantId, filter);
  }

  async get(tx: Tx, tenantId: string, id: string): Promise<DeliveryDetail> {
    const [delivery, attempts, starts] = await Promise.all([
      this.log.find(tx, tenantId, id),
      this.log.attempts(tx, tenantId, id),
      this.log.starts(tx, tenantId, id),
    ]);
    if (delivery === null) throw notFound('webhook delivery', id);
    return { delivery, attempts: await this.bodies.openAttempts(tx, tenantId, attempts), starts };
  }

  /**
   * Sends once more at the next chance, a settled delivery too, under the same `webhook-id`. What breaks an order has
   * to be forced, and leaves its line for good: it must not hold up what came after it.
   */
  async retry(tx: Tx, tenantId: string, id: string, force = false): Promise<DeliveryView> {
    const found = await this.log.findRetryable(tx, tenantId, id);
    if (found === null) throw notFound('webhook delivery', id);
    // Locked, so that the endpoint cannot be removed between the look and the row.
    const endpoint = await this.endpoints.lock(tx, tenantId, found.endpointId);
    if (endpoint?.state !== 'active') {
      throw new DomainError('endpoint_not_active', 'The endpoint of this delivery is not active.');
    }
    if (!found.isKept) throw new DomainError('message_expired', 'The message of this delivery is no longer kept.');
    if (found.isErased) throw new DomainError('message_erased', 'The message of this delivery has been erased.');
    const breaksOrder = retryBreaksOrder(endpoint.ordering, found);
    if (breaksOrder && !force) {
      throw new DomainError('delivery_out_of_order', 'Its endpoint gets the events of a subject in order; use force.');
    }
    const now = this.clock.now();
    if (!found.isOpen) await this.log.requeue(tx, tenantId, found, now);
    else if (breaksOrder) await this.log.takeOutOfLine(tx, tenantId, id, now);
    else await this.log.bringForward(tx, tenantId, id, now);
    tx.afterCommit(() => this.dispatcher.onMoreDue());
    return (await this.get(tx, tenantId, id)).delivery;
  }
}
