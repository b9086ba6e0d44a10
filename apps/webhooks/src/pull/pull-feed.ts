import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PullPositionRepository } from './pull-position.repository.ts';
import { PullWaits } from './pull-waits.ts';

export interface Placed {
  readonly tenantId: string;
  readonly id: string;
}

/**
 * Gives messages their places in the feed of their tenant.
 *
 * Ids do not do for that: they are made by whoever says an event, and it may come here minutes later, or commit after
 * one with a higher id; a reader who has gone past it would never see it. A place is taken from the tenant's row, which
 * stays locked until the commit, so that whoever sees a message sees all that stand before it. A place that is taken
 * for a message that was stored before stays empty.
 */
@Injectable()
export class PullFeed {
  constructor(
    private readonly positions: PullPositionRepository,
    private readonly waits: PullWaits,
  ) {}

  /** The places of those whose tenant has a consumer, by message id. Whoever waits for them is woken by the commit. */
  async place(tx: Tx, messages: readonly Placed[]): Promise<ReadonlyMap<string, bigint>> {
    const byTenant = Map.groupBy(messages, ({ tenantId }) => tenantId);
    const counts = [...byTenant].map(([tenantId, { length }]) => ({ tenantId, count: length }));
    const taken = await this.positions.advance(tx, counts);
    if (taken.length === 0) return new Map();
    tx.afterCommit(() => this.waits.wake(taken.map(({ tenantId }) => tenantId)));
    return new Map(
      taken.flatMap(({ tenantId, before }) =>
        (byTenant.get(tenantId) ?? []).map(({ id }, at) => [id, BigInt(before) + BigInt(at + 1)] as const),
      ),
    );
  }
}
