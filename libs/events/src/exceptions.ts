import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

/** What people wrote about it is read over the API. */
export const ExceptionData = Type.Object(
  {
    exceptionId: Id,
    type: Code,
    /** What is wrong: a remittance, a payout, a payment, an invariant of the books. */
    subject: Type.Object({ type: Code, id: Type.String({ minLength: 1 }) }),
    state: oneOf('open', 'assigned', 'pending_info', 'resolved', 'written_off', 'auto_closed'),
    amount: Type.Optional(WireAmount),
    assignee: Type.Optional(Code),
    /** How it was closed: a person's code, `written_off`, or `auto_closed`. */
    resolution: Type.Optional(Code),
    reopened: Type.Integer({ minimum: 0 }),
    openedAt: Instant,
    dueAt: Instant,
    closedAt: Type.Optional(Instant),
  },
  { title: 'Exception' },
);
export type ExceptionData = Static<typeof ExceptionData>;

const opened: ExceptionData = {
  exceptionId: story.exceptionId,
  type: 'payment_not_settled',
  subject: { type: 'payment', id: story.paymentLocator },
  state: 'open',
  amount: usd(2567),
  reopened: 0,
  openedAt: '2025-01-09T12:00:00.000Z',
  dueAt: '2025-01-11T12:00:00.000Z',
};
const assigned: ExceptionData = { ...opened, state: 'assigned', assignee: 'ann' };

export const exceptionEvents = define('RECONCILIATION', 'reconciliation', {
  'exception.opened': event('Something does not add up: a person has to look at it.', ExceptionData, opened),
  'exception.assigned': event('A person took an exception, or was given it.', ExceptionData, assigned),
  'exception.unassigned': event('An exception is nobody’s again.', ExceptionData, opened),
  'exception.info_requested': event('An exception waits for what somebody outside knows.', ExceptionData, {
    ...assigned,
    state: 'pending_info',
  }),
  'exception.resolved': event(
    'An exception is closed: by a person, by writing it off, or because it is not true any more.',
    ExceptionData,
    { ...assigned, state: 'resolved', resolution: 'paid_out_late', closedAt: '2025-01-10T09:30:00.000Z' },
  ),
  'exception.reopened': event('An exception that was closed is work again.', ExceptionData, { ...opened, reopened: 1 }),
});
