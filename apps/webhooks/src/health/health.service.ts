import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { BacklogRepository } from '../backlog/backlog.repository.ts';
import type { Settlement } from '../deliveries/job.ts';
import { assess, noticeReason, streaksOf } from '../domain/health.ts';
import type { Observation, Streak } from '../domain/health.ts';
import type { EndpointTrigger } from '../endpoints/endpoint-events.ts';
import { EndpointRepository } from '../endpoints/endpoint.repository.ts';
import { EndpointsService } from '../endpoints/endpoints.service.ts';
import type { EndpointDetail } from './endpoint-detail.ts';
import { EndpointHealthRepository } from './endpoint-health.repository.ts';
import type { EndpointKey, FailingEndpoint } from './endpoint-health.repository.ts';
import { KnownHealthy } from './known-healthy.ts';

/** How endpoints are doing: written when that changes, told when it lasts, and acted upon when it lasts too long. */
@Injectable()
export class HealthService {
  private readonly healthy = new KnownHealthy();

  constructor(
    private readonly health: EndpointHealthRepository,
    private readonly repository: EndpointRepository,
    private readonly endpoints: EndpointsService,
    private readonly backlogs: BacklogRepository,
    private readonly clock: Clock,
  ) {}

  /** What a batch of attempts says. An endpoint that is well and stays so costs no statement. */
  async observe(tx: Tx, batch: readonly Settlement[]): Promise<void> {
    const streaks = streaksOf(batch.flatMap(observed));
    const epochs = new Map(batch.map(({ job, epoch }) => [job.endpointId, epoch]));
    const failing = streaks.filter(({ failures }) => failures > 0);
    const well = streaks.filter((streak) => streak.succeeded && !this.isKnown(streak, epochs));
    for (const { endpointId } of well) this.healthy.asking(endpointId);
    const note = () => failing.forEach(({ endpointId }) => this.healthy.failed(endpointId));
    note();
    await this.health.recover(tx, well);
    await this.health.fail(tx, failing);
    tx.afterCommit(() => {
      for (const { endpointId } of well) this.healthy.recovered(endpointId, epochs.get(endpointId) ?? '');
      note();
    });
  }

  due(tx: Tx, limit: number): Promise<EndpointKey[]> {
    return this.health.due(tx, this.clock.now(), limit);
  }

  /** Says the notice that is due, or switches the endpoint off. One that takes nothing now is left alone. */
  async assess(tx: Tx, key: EndpointKey): Promise<void> {
    const endpoint = await this.repository.lock(tx, key.tenantId, key.endpointId);
    const now = this.clock.now();
    const failing = await this.health.lockDue(tx, key, now);
    if (failing === null) return;
    if (endpoint === null || endpoint.state === 'disabled') {
      return this.health.assessed(tx, key, failing.notices, null);
    }
    const { disable, notices, assessAt } = assess(failing, now);
    if (endpoint.state === 'paused') return this.health.assessed(tx, key, failing.notices, assessAt);
    await this.health.assessed(tx, key, notices, disable ? null : assessAt);
    const trigger = triggerOf(failing);
    if (disable) {
      await this.endpoints.disable(tx, {
        ...{ tenantId: key.tenantId, id: key.endpointId },
        reason: 'failing',
        trigger,
      });
    } else if (notices > failing.notices) {
      await this.endpoints.tell(tx, endpoint, { type: 'failing', reason: noticeReason(notices) }, trigger);
    }
  }

  /** The endpoint with how it is doing and what it has missed. */
  async detail(tx: Tx, tenantId: string, id: string): Promise<EndpointDetail> {
    const endpoint = await this.endpoints.get(tx, tenantId, id);
    const [health, gaps] = await Promise.all([
      this.health.find(tx, tenantId, id),
      this.backlogs.openGaps(tx, tenantId, id),
    ]);
    return { endpoint, health, gaps };
  }

  private isKnown({ endpointId }: Streak, epochs: ReadonlyMap<string, string>): boolean {
    return this.healthy.has(endpointId, epochs.get(endpointId) ?? '');
  }
}

/** A receiver that refuses one message is neither well nor failing; what was not sent, or is a test, says nothing. */
function observed({ job, outcome, verdict, reply }: Settlement): Observation[] {
  if (job.isTest || outcome === 'not_sent' || verdict.result === 'aborted') return [];
  const { tenantId, endpointId } = job;
  const about = { tenantId, endpointId, status: reply.status, at: reply.startedAt };
  return [{ ...about, succeeded: outcome === 'succeeded', exhausted: verdict.result === 'exhausted' }];
}

function triggerOf({ since, failures, lastStatus }: FailingEndpoint): EndpointTrigger {
  const told = { attempts: failures, failingSince: since.toISOString() };
  return lastStatus === null ? told : { ...told, lastStatus };
}
