import type { QuittanceEvent } from '@quittance/events/envelope';
import type { HoldTerms } from '../domain/hold.ts';
import type { TenantKey } from '../domain/identity.ts';
import { readOrPoison } from '../poison.ts';
import { readInstant } from '../policies/instant.validator.ts';
import type { CancellationNews } from './cancellation-answers.service.ts';
import type { NoticeNews } from './notices.service.ts';
import {
  CancellationAnswerDto,
  MoratoriumDeclaredDto,
  MoratoriumLiftedDto,
  NoticeMailedDto,
  NoticeReturnedDto,
} from './policy-answers.dto.ts';

export type CancellationAnswered = QuittanceEvent<
  'policy.cancellation_accepted' | 'policy.cancellation_rejected' | 'policy.cancellation_rescinded'
>;

const answers = {
  'policy.cancellation_accepted': 'accepted',
  'policy.cancellation_rejected': 'rejected',
  'policy.cancellation_rescinded': 'rescinded',
} as const;

export async function readCancellationAnswer(cause: CancellationAnswered): Promise<CancellationNews> {
  const { requestId, policyLocator } = await read(CancellationAnswerDto, cause.data);
  const ids = { requestId: requestId.toLowerCase(), policyLocator: policyLocator.toLowerCase() };
  return { tenantId: cause.tenantid, ...ids, answer: answers[cause.type], cause };
}

export async function readNoticeMailed(cause: QuittanceEvent<'policy.notice_mailed'>): Promise<NoticeNews> {
  const { proofRef = null, channel = null, ...said } = await read(NoticeMailedDto, cause.data);
  const noticeId = said.noticeId.toLowerCase();
  const mailing = { noticeId, mailedAt: readInstant(said.mailedAt)!, proofRef, channel };
  return { tenantId: cause.tenantid, noticeId, mailing, cause };
}

export async function readNoticeReturned(cause: QuittanceEvent<'policy.notice_returned'>): Promise<NoticeNews> {
  const { noticeId } = await read(NoticeReturnedDto, cause.data);
  return { tenantId: cause.tenantid, noticeId: noticeId.toLowerCase(), mailing: null, cause };
}

export async function readMoratorium({
  tenantid: tenantId,
  data,
}: QuittanceEvent<'policy.moratorium_declared'>): Promise<{ key: TenantKey; terms: HoldTerms }> {
  const { moratoriumId, jurisdiction, line, producerId, endsOn, ...said } = await read(MoratoriumDeclaredDto, data);
  const scope = { jurisdiction: jurisdiction ?? null, line: line ?? null, producerId: producerId ?? null };
  const terms = { ...said, ...scope, policyLocator: null, endsOn: endsOn ?? null };
  return { key: { tenantId, id: moratoriumId.toLowerCase() }, terms };
}

export async function readMoratoriumLifted({
  tenantid: tenantId,
  data,
}: QuittanceEvent<'policy.moratorium_lifted'>): Promise<{ key: TenantKey; endsOn: string }> {
  const { moratoriumId, endsOn } = await read(MoratoriumLiftedDto, data);
  return { key: { tenantId, id: moratoriumId.toLowerCase() }, endsOn };
}

function read<T extends object>(dto: new () => T, data: unknown): Promise<T> {
  return readOrPoison('invalid_event', dto, data);
}
