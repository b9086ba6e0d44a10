import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { readMoratorium, readMoratoriumLifted } from '../delinquency/policy-answers.reader.ts';
import { HoldsService } from '../holds/holds.service.ts';
import { orPoison } from '../poison.ts';

/** A moratorium is a hold of many policies whose id is the sender's: they are few, and taken one by one. */
@Controller()
export class MoratoriumConsumer {
  constructor(private readonly holds: HoldsService) {}

  @EventPattern('policy.moratorium_declared', { afterDeadLetter: 'continue' })
  async declared(events: QuittanceEvent<'policy.moratorium_declared'>[], tx: Tx): Promise<void> {
    for (const event of events) {
      const { key, terms } = await readMoratorium(event);
      await this.holds.declare(tx, key, terms);
    }
  }

  @EventPattern('policy.moratorium_lifted', { afterDeadLetter: 'continue' })
  async lifted(events: QuittanceEvent<'policy.moratorium_lifted'>[], tx: Tx): Promise<void> {
    for (const event of events) {
      const { key, endsOn } = await readMoratoriumLifted(event);
      await orPoison(this.holds.lift(tx, key, endsOn));
    }
  }
}
