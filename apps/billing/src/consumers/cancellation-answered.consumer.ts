import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { CancellationAnswersService } from '../delinquency/cancellation-answers.service.ts';
import type { CancellationNews } from '../delinquency/cancellation-answers.service.ts';
import { CancellationAnswerDto } from '../delinquency/policy-answers.dto.ts';
import { orPoison, readAnswer } from '../delinquency/policy-answers.reader.ts';

type Answered = QuittanceEvent<
  'policy.cancellation_accepted' | 'policy.cancellation_rejected' | 'policy.cancellation_rescinded'
>;

const answers = {
  'policy.cancellation_accepted': 'accepted',
  'policy.cancellation_rejected': 'rejected',
  'policy.cancellation_rescinded': 'rescinded',
} as const;

/** What a policy system makes of `cancellation.requested`. */
@Controller()
export class CancellationAnsweredConsumer {
  constructor(private readonly answers: CancellationAnswersService) {}

  @EventPattern(Object.keys(answers) as (keyof typeof answers)[], { afterDeadLetter: 'continue' })
  async handle(events: Answered[], tx: Tx): Promise<void> {
    const read = async (cause: Answered): Promise<CancellationNews> => {
      const { requestId } = await readAnswer(CancellationAnswerDto, cause.data);
      return { tenantId: cause.tenantid, requestId: requestId.toLowerCase(), answer: answers[cause.type], cause };
    };
    await orPoison(this.answers.hear(tx, await Promise.all(events.map(read))));
  }
}
