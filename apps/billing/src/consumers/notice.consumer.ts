import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { NoticesService } from '../delinquency/notices.service.ts';
import { readNoticeMailed, readNoticeReturned } from '../delinquency/policy-answers.reader.ts';
import { orPoison } from '../poison.ts';

/** What became of a notice that `delinquency.notice_due` asked for. */
@Controller()
export class NoticeConsumer {
  constructor(private readonly notices: NoticesService) {}

  @EventPattern('policy.notice_mailed', { afterDeadLetter: 'continue' })
  async mailed(events: QuittanceEvent<'policy.notice_mailed'>[], tx: Tx): Promise<void> {
    await orPoison(this.notices.hear(tx, await Promise.all(events.map(readNoticeMailed))));
  }

  @EventPattern('policy.notice_returned', { afterDeadLetter: 'continue' })
  async returned(events: QuittanceEvent<'policy.notice_returned'>[], tx: Tx): Promise<void> {
    await orPoison(this.notices.hear(tx, await Promise.all(events.map(readNoticeReturned))));
  }
}
