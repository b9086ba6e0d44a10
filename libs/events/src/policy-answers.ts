import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, LocalDate, Reference, Text, oneOf } from './schema.ts';
import { story } from './story.ts';

/** Inbound: what became of a cancellation that billing asked for. */
export const CancellationAnswerData = Type.Object(
  { requestId: Id, policyLocator: Id, reason: Type.Optional(Text) },
  { title: 'CancellationAnswer' },
);
export type CancellationAnswerData = Static<typeof CancellationAnswerData>;

/** Inbound: a notice was handed over, with the proof of it. */
export const NoticeMailedData = Type.Object(
  {
    noticeId: Id,
    policyLocator: Id,
    mailedAt: Instant,
    proofRef: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    channel: Type.Optional(Code),
  },
  { title: 'NoticeMailed' },
);
export type NoticeMailedData = Static<typeof NoticeMailedData>;

export const NoticeReturnedData = Type.Object(
  { noticeId: Id, policyLocator: Id, reason: Type.Optional(Text) },
  { title: 'NoticeReturned' },
);
export type NoticeReturnedData = Static<typeof NoticeReturnedData>;

export const MoratoriumDeclaredData = Type.Object(
  {
    moratoriumId: Id,
    /** Which policies: all that fit each filter that is given. */
    jurisdiction: Type.Optional(Type.String({ maxLength: 64 })),
    line: Type.Optional(Type.String({ maxLength: 64 })),
    producerId: Type.Optional(Reference),
    targets: Type.Array(oneOf('invoicing', 'delinquency', 'autopay', 'disbursement'), { minItems: 1 }),
    startsOn: LocalDate,
    /** The first date that is not held any more. */
    endsOn: Type.Optional(LocalDate),
    reason: Text,
  },
  { title: 'MoratoriumDeclared' },
);
export type MoratoriumDeclaredData = Static<typeof MoratoriumDeclaredData>;

export const MoratoriumLiftedData = Type.Object({ moratoriumId: Id, endsOn: LocalDate }, { title: 'MoratoriumLifted' });
export type MoratoriumLiftedData = Static<typeof MoratoriumLiftedData>;

const answer: CancellationAnswerData = { requestId: story.cancellationRequestId, policyLocator: story.policyLocator };
const notice = { noticeId: story.noticeId, policyLocator: story.policyLocator };

export const policyAnswerEvents = define('POLICY', 'policy', {
  'policy.cancellation_accepted': event('Inbound: the cover ends as billing asked.', CancellationAnswerData, answer),
  'policy.cancellation_rejected': event('Inbound: the cover does not end.', CancellationAnswerData, answer),
  'policy.cancellation_rescinded': event('Inbound: the cancellation was taken back.', CancellationAnswerData, answer),
  'policy.notice_mailed': event('Inbound: a notice of cancellation was mailed.', NoticeMailedData, {
    ...notice,
    mailedAt: '2025-03-10T15:00:00.000Z',
    proofRef: 'COM-2025-0310-17',
    channel: 'post',
  }),
  'policy.notice_returned': event('Inbound: the notice came back undelivered.', NoticeReturnedData, {
    ...notice,
    reason: 'Moved, left no address',
  }),
  'policy.moratorium_declared': event('Inbound: what is owed is not pursued for a while.', MoratoriumDeclaredData, {
    moratoriumId: story.moratoriumId,
    jurisdiction: 'US-LA',
    targets: ['invoicing', 'delinquency'],
    startsOn: '2025-02-01',
    endsOn: '2025-05-01',
    reason: 'Hurricane',
  }),
  'policy.moratorium_lifted': event('Inbound: from a date on it is pursued again.', MoratoriumLiftedData, {
    moratoriumId: story.moratoriumId,
    endsOn: '2025-04-01',
  }),
});
