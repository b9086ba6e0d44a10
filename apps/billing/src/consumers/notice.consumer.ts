import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { NoticesService } from '../delinquency/notices.service.ts';
import type { NoticeNews } from '../delinquency/notices.service.ts';
import { NoticeMailedDto, NoticeReturnedDto } from '../delinquency/policy-answers.dto.ts';
import { orPoison, readAnswer } from '../delinquency/policy-answers.reader.ts';

/** What became of a notice that `delinquency.notice_due` asked for. */
@Controller()
export class NoticeConsumer {
  constructor(private readonly notices: NoticesService) {}

  @EventPattern('policy.notice_mailed', { afterDeadLetter: 'continue' })
  async mailed(events: QuittanceEvent<'policy.notice_mailed'>[], tx: Tx): Promise<void> {
    const read = async (cause: QuittanceEvent<'policy.notice_mailed'>): Promise<NoticeNews> => {
      const { proofRef = null, channel = null, ...said } = await readAnswer(NoticeMailedDto, cause.data);
      const noticeId = said.noticeId.toLowerCase();
      const mailing = { noticeId, mailedAt: new Date(said.mailedAt), proofRef, channel };
      return { tenantId: cause.tenantid, noticeId, mailing, cause };
    };
    await orPoison(this.notices.hear(tx, await Promise.all(events.map(read))));
  }

  @EventPattern('policy.notice_returned', { afterDeadLetter: 'continue' })
  async returned(events: QuittanceEvent<'policy.notice_returned'>[], tx: Tx): Promise<void> {
    const read = async (cause: QuittanceEvent<'policy.notice_returned'>): Promise<NoticeNews> => {
      const { noticeId } = await readAnswer(NoticeReturnedDto, cause.data);
      return { tenantId: cause.tenantid, noticeId: noticeId.toLowerCase(), mailing: null, cause };
    };
    await orPoison(this.notices.hear(tx, await Promise.all(events.map(read))));
  }
}
