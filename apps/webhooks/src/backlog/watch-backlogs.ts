import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import type { EndpointBacklog } from '../deliveries/upkeep.repository.ts';
import { isHigh, isLow } from '../domain/backlog.ts';
import type { Backlog } from '../domain/endpoint.ts';
import { BacklogMeter } from './backlog-meter.ts';
import { BacklogRepository } from './backlog.repository.ts';
import { BacklogNewsService } from './backlog-news.service.ts';

type Measured = Pick<EndpointBacklog, 'open' | 'oldestSeconds'>;

/** Says of a measurement what is nearly full, and forgets it when it is half empty. */
@Injectable()
export class WatchBacklogs {
  constructor(
    private readonly db: Database,
    private readonly meter: BacklogMeter,
    private readonly backlogs: BacklogRepository,
    private readonly news: BacklogNewsService,
  ) {}

  async see(endpoints: readonly EndpointBacklog[]): Promise<void> {
    const { limits } = this.meter;
    const tenants = [...Map.groupBy(endpoints, ({ tenantId }) => tenantId)].map(([tenantId, all]) => ({
      tenantId,
      ...all.reduce(together, { open: 0, oldestSeconds: 0 }),
    }));
    for (const endpoint of endpoints.filter(({ open }) => isHigh(open, limits.endpoint))) {
      const told = backlogOf(endpoint, limits.endpoint);
      await this.db.tx((tx) => this.news.tellEndpointHigh(tx, endpoint, told));
    }
    for (const tenant of tenants.filter(({ open }) => isHigh(open, limits.tenant))) {
      const told = backlogOf(tenant, limits.tenant);
      await this.db.tx((tx) => this.news.tellTenantHigh(tx, tenant.tenantId, told));
    }
    const fullEndpoints = endpoints.filter(({ open }) => !isLow(open, limits.endpoint));
    const fullTenants = tenants.filter(({ open }) => !isLow(open, limits.tenant));
    await this.db.tx((tx) =>
      this.backlogs.clearHigh(
        tx,
        fullEndpoints.map(({ endpointId }) => endpointId),
        fullTenants.map(({ tenantId }) => tenantId),
      ),
    );
  }
}

function together(a: Measured, b: Measured): Measured {
  return { open: a.open + b.open, oldestSeconds: Math.max(a.oldestSeconds, b.oldestSeconds) };
}

function backlogOf({ open, oldestSeconds }: Measured, limit: number): Backlog {
  return { rows: open, limit, oldestSeconds: Math.round(oldestSeconds) };
}
