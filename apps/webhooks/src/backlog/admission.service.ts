import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { NewDelivery } from '../deliveries/job.ts';
import { rangesOf } from '../domain/backlog.ts';
import type { Missed } from '../domain/backlog.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { BacklogMeter } from './backlog-meter.ts';
import { BacklogRepository } from './backlog.repository.ts';

/**
 * What of new deliveries is queued. The rest is written down as a gap in the same transaction, so that no event passes
 * an endpoint by without a trace: a replay from the gap's first id brings them all.
 */
@Injectable()
export class AdmissionService {
  constructor(
    private readonly backlogs: BacklogRepository,
    private readonly meter: BacklogMeter,
    private readonly directory: EndpointDirectory,
    private readonly clock: Clock,
  ) {}

  /** While everything has room and no endpoint is disabled this asks the database nothing. */
  async admit(tx: Tx, planned: readonly NewDelivery[]): Promise<readonly NewDelivery[]> {
    const missed: Missed[] = [];
    const refused = new Set<string>();
    const reserved = new Map<string, number>();
    for (const group of Map.groupBy(planned, ({ endpointId }) => endpointId).values()) {
      const isDisabled = this.directory.find(group[0]?.endpointId ?? '')?.state === 'disabled';
      const room = isDisabled ? 0 : await this.room(tx, group, reserved);
      for (const { tenantId, id, endpointId, messageId } of group.slice(room)) {
        refused.add(id);
        missed.push({ tenantId, endpointId, messageId, reason: isDisabled ? 'disabled' : 'backlog_full' });
      }
    }
    if (missed.length === 0) return planned;
    await this.backlogs.markGaps(tx, rangesOf(missed), this.clock.now());
    return planned.filter(({ id }) => !refused.has(id));
  }

  /** How many of these have room; they are counted in at once, before they are rows. */
  private async room(tx: Tx, group: readonly NewDelivery[], reserved: Map<string, number>): Promise<number> {
    const [first] = group;
    if (first === undefined) return 0;
    const { tenantId, endpointId } = first;
    const { limits } = this.meter;
    const short = (id: string, limit: number) => this.meter.room(id, limit) < group.length && !this.meter.isFull(id);
    if (short(endpointId, limits.endpoint)) {
      const rows = await this.backlogs.countEndpoint(tx, first, limits.endpoint);
      this.meter.recounted(endpointId, rows, limits.endpoint);
    }
    if (short(tenantId, limits.tenant)) {
      const rows = await this.backlogs.countTenant(tx, tenantId, limits.tenant);
      this.meter.recounted(tenantId, rows + (reserved.get(tenantId) ?? 0), limits.tenant);
    }
    const ofBoth = [this.meter.room(endpointId, limits.endpoint), this.meter.room(tenantId, limits.tenant)];
    const room = Math.min(group.length, ...ofBoth);
    this.meter.add(tenantId, endpointId, room);
    reserved.set(tenantId, (reserved.get(tenantId) ?? 0) + room);
    return room;
  }
}
