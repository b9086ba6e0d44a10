import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import { TouchedPolicies } from '../allocations/touched-policies.service.ts';
import type { PartyChanges, PolicyParties } from '../domain/policy-parties.ts';
import { isUnbilled } from '../domain/recut.ts';
import type { StandingInstalment } from '../domain/recut.ts';
import { isSettled, moveSchedule, paidThrough } from '../domain/schedule.ts';
import type { Schedule, ScheduleState } from '../domain/schedule.ts';
import { amountOf } from '../domain/recut.ts';
import { InstalmentRepository } from '../instalments/instalment.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { PolicyTermRepository } from '../policies/policy-term.repository.ts';
import { buildRecut } from '../schedules/recut.builder.ts';
import type { RecutRows } from '../schedules/recut.builder.ts';
import { scheduleCompleted } from '../schedules/schedule-covers.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import type { Change } from './change.ts';
import { scheduleChanged, transactionEvents } from './change.events.ts';
import type { TermBook } from './term-book.ts';

/** Writes down what a transaction does to its term: charges, schedule, term, and what is said of them. */
@Injectable()
export class ChangesService {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly terms: PolicyTermRepository,
    private readonly schedules: ScheduleRepository,
    private readonly instalments: InstalmentRepository,
    private readonly touched: TouchedPolicies,
    private readonly outbox: Outbox,
  ) {}

  /** After what was paid on undone invoices was taken off them: `book` is as it stands then. */
  async write(tx: Tx, book: TermBook, change: Change, occasion: Occasion): Promise<Schedule> {
    const { policy, term } = book;
    const { tenantId } = policy;
    const leads = { plan: change.plan ?? book.plan, timeZone: policy.timeZone };
    const rows = buildRecut(book, change.laid, leads);
    const recut = scheduleAfter(book, change, rows);
    const schedule = completed(recut, rows);
    const { transaction, charges, voided, invalidated } = change;
    await Promise.all([
      this.policies.insertTransaction(tx, { ...transaction, version: 1 + change.facts.length }),
      this.policies.insertCharges(tx, charges),
      this.policies.voidCharges(tx, tenantId, voided),
      this.instalments.supersede(tx, { tenantId, id: transaction.id }, rows.superseded),
      this.schedules.recut(tx, schedule),
      this.instalments.insert(tx, rows.added),
      this.instalments.insertLines(tx, tenantId, rows.lines),
      this.policies.turnVersion(tx, policy),
      ...(change.term === term ? [] : [this.terms.update(tx, change.term)]),
      ...(change.parties ? [this.policies.setParties(tx, policy, partiesAfter(book, change.parties))] : []),
      ...(invalidated ? [this.policies.invalidate(tx, { ...invalidated, version: invalidated.version + 1 })] : []),
      this.outbox.append(tx, [
        ...transactionEvents(book, change, occasion),
        ...this.told(book, change, { rows, schedule: recut, occasion }),
        ...(schedule === recut ? [] : [scheduleCompleted(schedule, policy, occasion)]),
      ]),
      // Sent after the charges that it reads.
      this.touched.follow(tx, [{ tenantId, locator: policy.locator, occasion }]),
    ]);
    return schedule;
  }

  private told(book: TermBook, change: Change, { rows, schedule, occasion }: Told) {
    if (schedule === book.schedule) return [];
    const charges = new Map([...book.charges, ...change.charges].map((charge) => [charge.id, charge]));
    const type = change.scheduleEvent === 'cancel' ? 'schedule.cancelled' : 'schedule.recut';
    const { standing } = rows;
    const reason = change.transaction.type;
    const news = { standing, reason, transactionId: change.transaction.id, occasion };
    return [scheduleChanged(type, schedule, { policy: book.policy, charges }, news)];
  }
}

function partiesAfter({ policy }: TermBook, changes: PartyChanges): PolicyParties {
  return { ...policy, mortgageeId: policy.mortgageeId ?? null, ...changes };
}

interface Told {
  readonly rows: RecutRows;
  readonly schedule: Schedule;
  readonly occasion: Occasion;
}

/** Nothing that a transaction left of it is to be paid any more: the last payment told it of a schedule otherwise. */
export function completed(schedule: Schedule, { standing }: RecutRows): Schedule {
  if (schedule.state !== 'active' || !isSettled(standing)) return schedule;
  return { ...schedule, state: moveSchedule(schedule.state, 'complete'), version: schedule.version + 1 };
}

/** The same one where nothing of it changed. */
export function scheduleAfter(
  { schedule }: TermBook,
  change: Change,
  { standing, superseded, added }: RecutRows,
): Schedule {
  const { scheduleEvent, plan } = change;
  const live = standing.filter(({ state }) => state !== 'cancelled');
  const totalMinor = live.reduce((sum, { lines }) => sum + amountOf(lines), 0n);
  const covered = standing.map(({ number, state, period: { end: periodEnd } }) => ({ number, state, periodEnd }));
  const isCut = superseded.length > 0 || added.length > 0 || totalMinor !== schedule.totalMinor;
  // An instalment of nothing, which counted as paid, may not count any more.
  const isSame = !isCut && paidThrough(covered) === schedule.paidThrough;
  if (isSame && !scheduleEvent && !plan) return schedule;
  return {
    ...schedule,
    ...(plan ? { plan: plan.name, planVersion: plan.version } : {}),
    state: stateAfter(schedule.state, scheduleEvent, live),
    totalMinor,
    paidThrough: paidThrough(covered),
    version: schedule.version + 1,
  };
}

function stateAfter(
  state: ScheduleState,
  event: Change['scheduleEvent'],
  live: readonly StandingInstalment[],
): ScheduleState {
  if (event !== null) return state === 'cancelled' && event === 'cancel' ? state : moveSchedule(state, event);
  return state === 'completed' && live.some(isUnbilled) ? moveSchedule(state, 'reopen') : state;
}
