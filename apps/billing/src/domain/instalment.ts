import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';
import type { WriteOffCause } from './invoice.ts';

export const instalmentStates = [
  'scheduled',
  'billed',
  'partially_paid',
  'paid',
  'written_off',
  'cancelled',
  'superseded',
] as const;
export type InstalmentState = (typeof instalmentStates)[number];

export const instalmentEvents = [
  'bill',
  'owe_nothing',
  'undo_nothing',
  'pay_part',
  'pay_whole',
  'unpay_part',
  'unpay_whole',
  'write_off',
  'write_off_part',
  'forgive',
  'restore',
  'restore_part',
  'cancel',
  'supersede',
] as const;
export type InstalmentEvent = (typeof instalmentEvents)[number];

/** `past_due` is no state: it is derived from the due date and the policy's own calendar. */
export const instalmentTransitions: Record<InstalmentState, Partial<Record<InstalmentEvent, InstalmentState>>> = {
  // There is no invoice for nothing: a zero instalment is paid when its date comes.
  scheduled: { bill: 'billed', owe_nothing: 'paid', cancel: 'cancelled', supersede: 'superseded' },
  billed: {
    pay_part: 'partially_paid',
    pay_whole: 'paid',
    write_off: 'written_off',
    write_off_part: 'billed',
    restore: 'billed',
    cancel: 'cancelled',
  },
  partially_paid: {
    pay_part: 'partially_paid',
    pay_whole: 'paid',
    unpay_part: 'partially_paid',
    unpay_whole: 'billed',
    write_off: 'written_off',
    write_off_part: 'partially_paid',
    forgive: 'paid',
    restore_part: 'partially_paid',
    cancel: 'cancelled',
  },
  // `undo_nothing` only for one of nothing: there is no invoice to be void.
  paid: {
    unpay_part: 'partially_paid',
    unpay_whole: 'billed',
    restore_part: 'partially_paid',
    undo_nothing: 'cancelled',
  },
  written_off: {
    cancel: 'cancelled',
    unpay_part: 'partially_paid',
    unpay_whole: 'billed',
    restore: 'billed',
    restore_part: 'partially_paid',
  },
  cancelled: {},
  superseded: {},
};

/** @throws DomainError `invalid_transition` */
export function moveInstalment(state: InstalmentState, event: InstalmentEvent): InstalmentState {
  const next = instalmentTransitions[state][event];
  if (!next) {
    throw new DomainError('invalid_transition', `An instalment that is ${state} cannot ${event}.`, {
      allowedActions: Object.keys(instalmentTransitions[state]),
    });
  }
  return next;
}

/** Why it is there: by the plan, or by a change of the policy or of what was to be billed. */
export const instalmentSources = ['plan', 'endorsement', 'catch_up', 'final', 'reinstatement'] as const;
export type InstalmentSource = (typeof instalmentSources)[number];

export interface Instalment {
  readonly tenantId: string;
  readonly id: string;
  readonly scheduleId: string;
  readonly policyLocator: string;
  readonly number: number;
  readonly source: InstalmentSource;
  readonly dueOn: CalendarDate;
  /** What the plan said; `dueOn` is later where a payment was taken back after it. */
  readonly originalDueOn: CalendarDate;
  readonly periodStart: CalendarDate;
  readonly periodEnd: CalendarDate;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly allocatedMinor: bigint;
  readonly balanceMinor: bigint;
  readonly state: InstalmentState;
  readonly version: number;
}

type Paid = Pick<Instalment, 'state' | 'allocatedMinor' | 'balanceMinor'>;

/** @throws DomainError `invalid_transition` when nothing may be paid on it */
export function payInstalment<T extends Paid>(instalment: T, partMinor: bigint): T {
  const balanceMinor = instalment.balanceMinor - partMinor;
  const state = moveInstalment(instalment.state, balanceMinor === 0n ? 'pay_whole' : 'pay_part');
  return { ...instalment, state, balanceMinor, allocatedMinor: instalment.allocatedMinor + partMinor };
}

/** @throws DomainError `invalid_transition` when nothing is paid on it */
export function unpayInstalment<T extends Paid>(instalment: T, partMinor: bigint): T {
  const allocatedMinor = instalment.allocatedMinor - partMinor;
  const state = moveInstalment(instalment.state, allocatedMinor === 0n ? 'unpay_whole' : 'unpay_part');
  return { ...instalment, state, allocatedMinor, balanceMinor: instalment.balanceMinor + partMinor };
}

/** @throws DomainError `invalid_transition` when nothing is owed on it */
export function writeOffInstalment<T extends Paid>(instalment: T, partMinor: bigint, cause: WriteOffCause): T {
  const balanceMinor = instalment.balanceMinor - partMinor;
  const whole = cause === 'tolerance' ? 'forgive' : 'write_off';
  const state = moveInstalment(instalment.state, balanceMinor === 0n ? whole : 'write_off_part');
  return { ...instalment, state, balanceMinor };
}

/** Takes a write-off back. */
export function restoreInstalment<T extends Paid>(instalment: T, partMinor: bigint): T {
  const state = moveInstalment(instalment.state, instalment.allocatedMinor === 0n ? 'restore' : 'restore_part');
  return { ...instalment, state, balanceMinor: instalment.balanceMinor + partMinor };
}

/** What a payment had settled gets until the end of today, so that nobody is in default at once. */
export function dueAgain(dueOn: CalendarDate, today: CalendarDate): CalendarDate {
  return dueOn < today ? today : dueOn;
}
