import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { BreakersService } from '../endpoints/breakers.service.ts';
import type { BreakerTurn } from '../endpoints/breakers.service.ts';
import { HealthService } from '../health/health.service.ts';
import { triggerOf } from './attempt-trigger.ts';
import type { Settlement } from './job.ts';
import { OrderingRepository } from './ordering.repository.ts';

/** What attempts that were written down mean beyond their own delivery: for the rest of its key, and its endpoint. */
@Injectable()
export class AttemptEffectsService {
  constructor(
    private readonly orderings: OrderingRepository,
    private readonly breakers: BreakersService,
    private readonly health: HealthService,
  ) {}

  async apply(tx: Tx, batch: readonly Settlement[]): Promise<void> {
    await this.orderings.writeGaps(tx, batch);
    await this.breakers.record(tx, batch.flatMap(breakerTurn));
    // After the endpoints: whoever locks both takes the endpoint first.
    await this.health.observe(tx, batch);
  }
}

function breakerTurn({ job, reply, breaker }: Settlement): BreakerTurn[] {
  if (!breaker) return [];
  const { tenantId, endpointId } = job;
  return [{ tenantId, endpointId, transition: breaker, trigger: triggerOf(job.id, job.messageId, reply.status) }];
}
