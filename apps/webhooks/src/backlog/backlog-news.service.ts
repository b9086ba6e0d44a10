import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { Backlog } from '../domain/endpoint.ts';
import { EndpointRepository } from '../endpoints/endpoint.repository.ts';
import { EndpointsService } from '../endpoints/endpoints.service.ts';
import { BacklogRepository } from './backlog.repository.ts';

/** That a backlog is nearly full is said once for each time that it fills up, whichever process measured it. */
@Injectable()
export class BacklogNewsService {
  constructor(
    private readonly backlogs: BacklogRepository,
    private readonly repository: EndpointRepository,
    private readonly endpoints: EndpointsService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async tellEndpointHigh(tx: Tx, key: { tenantId: string; endpointId: string }, backlog: Backlog): Promise<void> {
    const endpoint = await this.repository.lock(tx, key.tenantId, key.endpointId);
    if (endpoint === null || !(await this.backlogs.markEndpointHigh(tx, key.tenantId, key.endpointId))) return;
    await this.endpoints.tell(tx, endpoint, { type: 'backlog_high', backlog });
  }

  async tellTenantHigh(tx: Tx, tenantId: string, backlog: Backlog): Promise<void> {
    const sequence = await this.backlogs.markTenantHigh(tx, tenantId);
    if (sequence === null) return;
    const about = { tenantId, subject: tenantId, sequence, time: this.clock.now() };
    await this.outbox.append(tx, [{ ...about, type: 'webhook_backlog.high', data: { ...backlog } }]);
  }
}
