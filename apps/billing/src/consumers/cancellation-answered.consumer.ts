import { Controller } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { CancellationAnswersService } from '../delinquency/cancellation-answers.service.ts';
import { readCancellationAnswer } from '../delinquency/policy-answers.reader.ts';
import type { CancellationAnswered } from '../delinquency/policy-answers.reader.ts';
import { orPoison } from '../poison.ts';

/** What a policy system makes of `cancellation.requested`. */
@Controller()
export class CancellationAnsweredConsumer {
  constructor(private readonly answers: CancellationAnswersService) {}

  @EventPattern(['policy.cancellation_accepted', 'policy.cancellation_rejected', 'policy.cancellation_rescinded'], {
    afterDeadLetter: 'continue',
  })
  async handle(events: CancellationAnswered[], tx: Tx): Promise<void> {
    await orPoison(this.answers.hear(tx, await Promise.all(events.map(readCancellationAnswer))));
  }
}
