import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { DisputesService } from '../disputes/disputes.service.ts';
import type { DisputeEvent } from '../disputes/disputes.service.ts';

@Controller()
export class DisputeConsumer {
  constructor(private readonly disputes: DisputesService) {}

  @EventPattern(['dispute.opened', 'dispute.updated', 'dispute.won', 'dispute.lost'])
  handle(events: DisputeEvent[], tx: Tx): Promise<void> {
    return this.disputes.record(tx, events);
  }
}
