import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { AmountLine, Code, Currency, Id, LocalDate, Reference, WireAmount, nullable, oneOf } from './schema.ts';
import { instalmentId, rowLines, rows, story, usd } from './story.ts';

const number = Type.Integer({ minimum: 1 });

const Source = oneOf('plan', 'endorsement', 'catch_up', 'final', 'reinstatement');
const State = oneOf('scheduled', 'billed', 'partially_paid', 'paid', 'written_off', 'cancelled', 'superseded');

export const ScheduleData = Type.Object(
  {
    scheduleId: Id,
    policyLocator: Reference,
    policyholderLocator: Reference,
    plan: Type.String(),
    planVersion: Type.Optional(Type.Integer({ minimum: 1 })),
    state: oneOf('draft', 'active', 'on_hold', 'completed', 'superseded', 'cancelled'),
    currency: Currency,
    total: WireAmount,
    paidThrough: Type.Optional(nullable(LocalDate)),
    /** Why it was cut anew, and by which transaction. */
    reason: Type.Optional(Code),
    transactionId: Type.Optional(Id),
    supersedesId: Type.Optional(Id),
    instalments: Type.Array(
      Type.Object({
        instalmentId: Id,
        number,
        source: Type.Optional(Source),
        /** Absent in `schedule.created`: there each is scheduled. */
        state: Type.Optional(State),
        dueOn: LocalDate,
        periodStart: LocalDate,
        periodEnd: LocalDate,
        amount: WireAmount,
        lines: Type.Array(AmountLine),
      }),
    ),
  },
  { title: 'Schedule' },
);
export type ScheduleData = Static<typeof ScheduleData>;

/** Its instalments are told by `schedule.created`, right before. */
export const ActivatedScheduleData = Type.Omit(
  ScheduleData,
  ['paidThrough', 'reason', 'transactionId', 'supersedesId', 'instalments'],
  { title: 'ActivatedSchedule' },
);

/** Its instalments have all been told. */
export const CompletedScheduleData = Type.Omit(
  ScheduleData,
  ['planVersion', 'reason', 'transactionId', 'supersedesId', 'instalments'],
  { title: 'CompletedSchedule' },
);

const instalmentProperties = {
  instalmentId: Id,
  scheduleId: Id,
  number,
  dueOn: LocalDate,
  originalDueOn: LocalDate,
  /** Half-open: the period ends where the next one starts. */
  periodStart: LocalDate,
  periodEnd: LocalDate,
  amount: WireAmount,
  balance: WireAmount,
  lines: Type.Array(AmountLine),
  source: Type.Optional(Source),
  state: State,
  /** End of the unbroken paid prefix of the schedule. */
  paidThrough: nullable(LocalDate),
  policyLocator: Reference,
  policyholderLocator: Reference,
  collection: oneOf('automatic', 'invoice', 'partner'),
  paymentMethodId: Type.Optional(Reference),
};
const attempt = Type.Integer({ minimum: 1 });

export const InstalmentData = Type.Object(
  { ...instalmentProperties, invoiceLocator: Type.Optional(Id), attempt: Type.Optional(attempt) },
  { title: 'Instalment' },
);
export type InstalmentData = Static<typeof InstalmentData>;

/** The two events that start a charge: payments makes one attempt per (instalment, attempt). */
export const DueInstalmentData = Type.Object(
  {
    ...instalmentProperties,
    invoiceLocator: Id,
    attempt,
    /** Where a method is charged on another date than the due date: then `instalment.due` starts no charge. */
    autopayOn: Type.Optional(LocalDate),
  },
  { title: 'DueInstalment' },
);
export type DueInstalmentData = Static<typeof DueInstalmentData>;

function monthStart(number: number): string {
  return number > 12 ? '2026-01-01' : `2025-${String(number).padStart(2, '0')}-01`;
}

const schedule: ScheduleData = {
  scheduleId: story.scheduleId,
  policyLocator: story.policyLocator,
  policyholderLocator: story.policyholderLocator,
  plan: '1year-monthly',
  planVersion: 1,
  state: 'active',
  currency: 'USD',
  total: usd(30800),
  instalments: rows.map((row, index) => ({
    instalmentId: instalmentId(index + 1),
    number: index + 1,
    dueOn: monthStart(index + 1),
    periodStart: monthStart(index + 1),
    periodEnd: monthStart(index + 2),
    amount: usd(row[0] + row[1]),
    lines: rowLines(row),
  })),
};

const billed: InstalmentData & { invoiceLocator: string } = {
  instalmentId: instalmentId(1),
  scheduleId: story.scheduleId,
  number: 1,
  dueOn: '2025-01-01',
  originalDueOn: '2025-01-01',
  periodStart: '2025-01-01',
  periodEnd: '2025-02-01',
  amount: usd(2567),
  balance: usd(2567),
  lines: rowLines([233, 2334]),
  state: 'billed',
  paidThrough: null,
  policyLocator: story.policyLocator,
  policyholderLocator: story.policyholderLocator,
  invoiceLocator: story.invoiceLocator,
  collection: 'automatic',
  paymentMethodId: story.paymentMethodId,
};

const { instalments: _, ...activated } = schedule;
const { planVersion: __, ...completed } = activated;

export const instalmentEvents = define('BILLING', 'billing', {
  'schedule.created': event(
    'The instalments of a policy were laid out; they add up to the total exactly.',
    ScheduleData,
    { ...schedule, state: 'draft' },
  ),
  'schedule.activated': event('The schedule is billed from now on.', ActivatedScheduleData, activated),
  'schedule.recut': event(
    'What is not billed yet of a schedule was laid out anew; all that stands of it is told.',
    ScheduleData,
    { ...schedule, reason: 'endorsement', transactionId: story.transactionId },
  ),
  'schedule.held': event('Nothing of the schedule is billed until it is released.', ScheduleData, {
    ...schedule,
    state: 'on_hold',
  }),
  'schedule.released': event('The schedule is billed again; what was held is one instalment.', ScheduleData, schedule),
  'schedule.completed': event('No instalment of it is owed any more.', CompletedScheduleData, {
    ...completed,
    state: 'completed',
    paidThrough: '2026-01-01',
  }),
  'schedule.superseded': event(
    'Reserved, and not sent yet: a term has one schedule, cut anew in place.',
    ScheduleData,
    {
      ...schedule,
      state: 'superseded',
    },
  ),
  'schedule.cancelled': event('The term ended early; what is still owed is the last instalment.', ScheduleData, {
    ...schedule,
    state: 'cancelled',
    reason: 'cancellation',
  }),
  'instalment.cancelled': event('The instalment is not owed any more.', InstalmentData, {
    ...billed,
    state: 'cancelled',
  }),
  'instalment.billed': event('An invoice for the instalment exists.', InstalmentData, billed),
  'instalment.due': event(
    'The due date has come; with automatic collection this starts the first charge.',
    DueInstalmentData,
    { ...billed, attempt: 1 },
  ),
  'instalment.collection_due': event(
    'A charge is to be made on another date than the due date: an early autopay date or a retry.',
    DueInstalmentData,
    { ...billed, attempt: 2 },
  ),
  'instalment.partially_paid': event('A part of the instalment is paid.', InstalmentData, {
    ...billed,
    state: 'partially_paid',
    balance: usd(1567),
  }),
  'instalment.paid': event(
    'The instalment is paid in full; `paidThrough` says how far cover is paid.',
    InstalmentData,
    { ...billed, state: 'paid', balance: usd(0), paidThrough: '2025-02-01' },
  ),
  'instalment.past_due': event(
    'Its due date has passed by the policy’s own calendar, and it is still owed: told once of each due date.',
    InstalmentData,
    billed,
  ),
});
