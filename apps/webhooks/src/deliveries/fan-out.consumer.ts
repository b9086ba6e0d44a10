import { Controller } from '@nestjs/common';
import { partnerEventTypes } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { WebhooksConfig } from '../config.ts';
import { misplacement } from '../domain/message-id.ts';
import { FanOutService } from './fan-out.service.ts';

/** Every event that partners may see. A notification: after a dead letter the later events of its aggregate go on. */
@Controller()
export class FanOutConsumer {
  constructor(
    private readonly service: FanOutService,
    private readonly clock: Clock,
    private readonly config: WebhooksConfig,
  ) {}

  @EventPattern(partnerEventTypes, { afterDeadLetter: 'continue' })
  async handle(events: QuittanceEvent[], tx: Tx): Promise<void> {
    this.refuseMisplaced(events);
    await this.service.fanOut(tx, events);
  }

  /** The id says in which day a message is kept. One that fits no day becomes a dead letter: told, and not lost. */
  private refuseMisplaced(events: readonly QuittanceEvent[]): void {
    for (const { id } of events) {
      const reason = misplacement(id, this.clock.now(), this.config.webhookMessageRetentionDays);
      if (reason !== null) throw new PoisonError(`id ${id} ${reason}`);
    }
  }
}
