import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Transition } from '../domain/breaker.ts';
import { BreakerRepository } from './breaker.repository.ts';
import type { ChangedBreaker } from './breaker.repository.ts';
import type { EndpointTrigger } from './endpoint-events.ts';

/** An attempt whose answer opened or closed its endpoint's breaker. */
export interface BreakerTurn {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly transition: Transition;
  readonly trigger: EndpointTrigger;
}

/** Writes down and says, once, that a breaker opened or closed; in the transaction of the attempt that did it. */
@Injectable()
export class BreakersService {
  constructor(
    private readonly breakers: BreakerRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async record(tx: Tx, turns: readonly BreakerTurn[]): Promise<void> {
    if (turns.length === 0) return;
    const now = this.clock.now();
    // The last word on each; in one order everywhere, so that two batches cannot wait for each other.
    const last = new Map(turns.map((turn) => [turn.endpointId, turn]));
    const inOrder = [...last.values()].toSorted((a, b) => (a.endpointId < b.endpointId ? -1 : 1));
    const changed = await this.breakers.change(
      tx,
      inOrder.map(({ tenantId, endpointId, transition }) => ({
        ...{ tenantId, id: endpointId, openedAt: transition.to === 'open' ? now : null },
      })),
    );
    const events = changed.flatMap((row) => {
      const turn = last.get(row.id);
      return turn === undefined ? [] : [breakerEvent(row, turn, now)];
    });
    await this.outbox.append(tx, events);
  }
}

function breakerEvent({ tenantId, id, version }: ChangedBreaker, turn: BreakerTurn, time: Date): NewEvent {
  const about = { tenantId, subject: id, sequence: version, time };
  if (turn.transition.to === 'closed') {
    return { ...about, type: 'webhook_endpoint.recovered', data: { endpointId: id } };
  }
  const data = { endpointId: id, ...turn.trigger, reason: turn.transition.reason };
  return { ...about, type: 'webhook_endpoint.breaker_opened', data };
}
