import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Hold } from '../endpoints/endpoint.repository.ts';
import { EndpointsService } from '../endpoints/endpoints.service.ts';
import { AttemptEffectsService } from './attempt-effects.service.ts';
import { triggerOf } from './attempt-trigger.ts';
import { DeliveryRepository } from './delivery.repository.ts';
import type { Settlement } from './job.ts';
import { asRecorded } from './recorded.ts';
import { ShardLeases } from './shard-leases.ts';

/** A batch of attempts and what follows from them, in one transaction; a fenced attempt has no consequence at all. */
@Injectable()
export class RecordAttemptsService {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveryRepository,
    private readonly endpoints: EndpointsService,
    private readonly effects: AttemptEffectsService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly leases: ShardLeases,
  ) {}

  async record(batch: readonly Settlement[]): Promise<ReadonlySet<string>> {
    const written = await this.db.tx(async (tx) => {
      const recorded = batch.map(asRecorded);
      const settled = new Set(await this.deliveries.settle(tx, this.leases.owner, recorded, this.clock.now()));
      const counted = batch.filter(({ job }) => settled.has(job.id));
      await this.announceExhausted(tx, counted);
      await this.disable(tx, counted);
      await this.hold(tx, counted);
      await this.effects.apply(tx, counted);
      return settled;
    });
    this.leases.doubt(batch.filter(({ job }) => !written.has(job.id)).map(({ job }) => job.shard));
    return written;
  }

  private async announceExhausted(tx: Tx, batch: readonly Settlement[]): Promise<void> {
    // A test that nobody answered is no alarm: whoever asked for it looks.
    const exhausted = batch.filter(({ verdict, job }) => verdict.result === 'exhausted' && !job.isTest);
    if (exhausted.length === 0) return;
    const jobs = exhausted.map(({ job }) => job);
    const times = await this.deliveries.countResults(tx, jobs, 'exhausted');
    const time = this.clock.now();
    await this.outbox.append(
      tx,
      exhausted.map((settlement) => exhaustedEvent(settlement, times.get(settlement.job.id) ?? 1, time)),
    );
  }

  private async disable(tx: Tx, batch: readonly Settlement[]): Promise<void> {
    const asked = batch.filter(({ verdict }) => verdict.disable !== null);
    // In one order everywhere, so that two batches cannot wait for each other.
    for (const { job, verdict, reply } of asked.toSorted(byEndpoint)) {
      const trigger = triggerOf(job.id, job.messageId, reply.status);
      await this.endpoints.disable(tx, {
        ...{ tenantId: job.tenantId, id: job.endpointId, reason: verdict.disable ?? '', trigger },
      });
    }
  }

  private async hold(tx: Tx, batch: readonly Settlement[]): Promise<void> {
    const latest = new Map<string, Hold>();
    for (const { job, verdict } of batch.toSorted(byEndpoint)) {
      const until = verdict.holdUntil;
      const known = latest.get(job.endpointId);
      if (until === null || (known !== undefined && known.until >= until)) continue;
      latest.set(job.endpointId, { tenantId: job.tenantId, id: job.endpointId, until });
    }
    await this.endpoints.hold(tx, [...latest.values()]);
  }
}

function exhaustedEvent({ job, n, reply }: Settlement, times: number, time: Date): NewEvent {
  const about = { tenantId: job.tenantId, subject: job.id, sequence: times, time };
  const trigger = triggerOf(job.id, job.messageId, reply.status);
  const data = { endpointId: job.endpointId, ...trigger, attempts: n, reason: 'attempts_exhausted' };
  return { ...about, type: 'webhook_delivery.exhausted', data, traceparent: job.traceparent ?? undefined };
}

function byEndpoint(a: Settlement, b: Settlement): number {
  return a.job.endpointId < b.job.endpointId ? -1 : 1;
}
