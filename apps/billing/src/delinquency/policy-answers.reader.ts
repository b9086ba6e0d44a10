import type { QuittanceEvent } from '@quittance/events/envelope';
import { Problem } from '@quittance/service-kit/http/problem';
import { validated } from '@quittance/service-kit/http/validation';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { DomainError } from '../domain/errors.ts';
import type { HoldTerms } from '../domain/hold.ts';
import type { TenantKey } from '../domain/identity.ts';
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

/** What a rule refuses is refused however often it is said. */
export async function orPoison(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DomainError) throw new PoisonError(`${error.code}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** @throws PoisonError that names every wrong field: no retry makes it right */
async function read<T extends object>(dto: new () => T, data: unknown): Promise<T> {
  try {
    return await validated(dto, data);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fields = (error.extra.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
    throw new PoisonError(`invalid_event: ${fields.join('; ')}`);
  }
}
