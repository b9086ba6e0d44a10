import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { MoratoriumDeclaredDto, MoratoriumLiftedDto } from '../delinquency/policy-answers.dto.ts';
import { orPoison, readAnswer } from '../delinquency/policy-answers.reader.ts';
import { HoldsService } from '../holds/holds.service.ts';

/** A moratorium is a hold of many policies whose id is the sender's: they are few, and taken one by one. */
@Controller()
export class MoratoriumConsumer {
  constructor(private readonly holds: HoldsService) {}

  @EventPattern('policy.moratorium_declared', { afterDeadLetter: 'continue' })
  async declared(events: QuittanceEvent<'policy.moratorium_declared'>[], tx: Tx): Promise<void> {
    for (const { tenantid: tenantId, data } of events) {
      const { moratoriumId, jurisdiction, line, producerId, endsOn, ...said } = await readAnswer(
        MoratoriumDeclaredDto,
        data,
      );
      const scope = { jurisdiction: jurisdiction ?? null, line: line ?? null, producerId: producerId ?? null };
      const terms = { ...said, ...scope, policyLocator: null, endsOn: endsOn ?? null };
      await this.holds.declare(tx, { tenantId, id: moratoriumId.toLowerCase() }, terms);
    }
  }

  @EventPattern('policy.moratorium_lifted', { afterDeadLetter: 'continue' })
  async lifted(events: QuittanceEvent<'policy.moratorium_lifted'>[], tx: Tx): Promise<void> {
    for (const { tenantid: tenantId, data } of events) {
      const { moratoriumId, endsOn } = await readAnswer(MoratoriumLiftedDto, data);
      await orPoison(this.holds.lift(tx, { tenantId, id: moratoriumId.toLowerCase() }, endsOn));
    }
  }
}
