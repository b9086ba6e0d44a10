import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { firstIdAt } from '../domain/message.ts';
import { EndpointStatsRepository } from './endpoint-stats.repository.ts';
import type { AttemptStats, QueueStats } from './endpoint-stats.repository.ts';
import { EndpointsService } from './endpoints.service.ts';

const dayMs = 86_400_000;
/** Rows that one answer is made of, at most: a busy endpoint's page costs what a quiet one's does. */
export const rowsMax = 10_000;

export interface EndpointStats {
  readonly since: Date;
  readonly attempts: AttemptStats;
  readonly queue: QueueStats;
}

/** How an endpoint has been doing for a day. */
@Injectable()
export class EndpointStatsService {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly stats: EndpointStatsRepository,
    private readonly clock: Clock,
  ) {}

  async get(tx: Tx, tenantId: string, id: string): Promise<EndpointStats> {
    const endpoint = await this.endpoints.get(tx, tenantId, id);
    const dayAgo = new Date(this.clock.now().getTime() - dayMs);
    const [attempts, queue] = await Promise.all([
      this.stats.attempts(tx, endpoint, firstIdAt(dayAgo.getTime()), rowsMax),
      this.stats.queue(tx, endpoint, rowsMax),
    ]);
    const oldestAt = attempts.attempts === rowsMax ? attempts.oldestAt : null;
    return { since: oldestAt ?? dayAgo, attempts, queue };
  }
}
