import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import { amountOf } from '../domain/recut.ts';
import type { StandingInstalment } from '../domain/recut.ts';
import type { Schedule } from '../domain/schedule.ts';
import { wireLines } from '../instalments/instalment.events.ts';
import type { StoredCharge } from '../policies/charge.entity.ts';
import { transactionData } from '../policies/policy.events.ts';
import type { Change } from './change.ts';
import type { TermBook } from './term-book.ts';

/** One event for the transaction, and one for each fact of it: its version counts them. */
export function transactionEvents({ policy, schedule }: TermBook, change: Change, occasion: Occasion): NewEvent[] {
  const { transaction, charges, facts, invalidated, parties } = change;
  const { tenantId, id: subject } = transaction;
  const applied = transactionData(transaction, { charges, scheduleId: schedule.id, currency: policy.currency });
  const own = [
    {
      type: 'policy_transaction.applied' as const,
      data: { ...applied, policyVersion: policy.version + 1, ...(parties ? { parties } : {}) },
    },
    ...facts,
  ].map((fact, index): NewEvent => ({ ...fact, tenantId, subject, sequence: index + 1, ...occasion }));
  if (!invalidated) return own;
  const data = transactionData(
    { ...invalidated, state: 'invalidated' },
    {
      charges: change.invalidatedCharges,
      scheduleId: schedule.id,
      currency: policy.currency,
    },
  );
  const gone: NewEvent = {
    type: 'policy_transaction.invalidated',
    tenantId,
    subject: invalidated.id,
    sequence: invalidated.version + 1,
    data,
    ...occasion,
  };
  return [...own, gone];
}

type ScheduleEventType = 'schedule.recut' | 'schedule.cancelled' | 'schedule.held' | 'schedule.released';

/** The schedule as it is now, with everything that stands of it. */
export function scheduleChanged(
  type: ScheduleEventType,
  schedule: Schedule,
  { policy, charges }: Pick<TermBook, 'policy'> & { charges: ReadonlyMap<string, StoredCharge> },
  { standing, reason, transactionId, occasion }: ScheduleNews,
): NewEvent {
  const { tenantId, id, currency, plan, state, totalMinor, paidThrough, version } = schedule;
  return {
    type,
    tenantId,
    subject: id,
    sequence: version,
    data: {
      scheduleId: id,
      policyLocator: policy.locator,
      policyholderLocator: policy.policyholderLocator,
      plan,
      state,
      currency,
      total: toWire({ minor: totalMinor, currency }),
      paidThrough,
      reason,
      ...(transactionId === null ? {} : { transactionId }),
      instalments: standing.map((each) => ({
        instalmentId: each.id,
        number: each.number,
        source: each.source,
        state: each.state,
        dueOn: each.dueOn,
        periodStart: each.period.start,
        periodEnd: each.period.end,
        amount: toWire({ minor: amountOf(each.lines), currency }),
        lines: wireLines(
          each.lines.flatMap(({ chargeId, amountMinor }) => {
            const charge = charges.get(chargeId);
            return charge ? [{ ...charge, amountMinor }] : [];
          }),
          currency,
        ),
      })),
    },
    ...occasion,
  };
}

interface ScheduleNews {
  readonly standing: readonly StandingInstalment[];
  readonly reason: string;
  readonly transactionId: string | null;
  readonly occasion: Occasion;
}
