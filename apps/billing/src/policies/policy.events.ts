import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { wireLines } from '../instalments/instalment.events.ts';
import type { StoredCharge } from './charge.entity.ts';
import type { PolicyTransaction } from './policy-transaction.entity.ts';
import type { NewSchedule, ScheduleParts } from '../schedules/schedule.builder.ts';

type Occasion = Pick<NewEvent, 'time' | 'cause'>;

export function transactionApplied(parts: ScheduleParts, scheduleId: string, occasion: Occasion): NewEvent {
  const { policy, transaction, charges } = parts;
  return {
    type: 'policy_transaction.applied',
    tenantId: policy.tenantId,
    subject: transaction.id,
    sequence: transaction.version,
    data: {
      ...transactionData(transaction, { charges, scheduleId, currency: policy.currency }),
      policyVersion: policy.version,
    },
    ...occasion,
  };
}

export interface TransactionAbout {
  readonly charges: readonly StoredCharge[];
  readonly scheduleId: string;
  readonly currency: string;
}

export function transactionData(
  transaction: PolicyTransaction,
  { charges, scheduleId, currency }: TransactionAbout,
): EventData<'policy_transaction.applied'> {
  const { id, type, state, policyLocator, effectiveDate, termNumber, invalidates } = transaction;
  return {
    transactionId: id,
    type,
    state,
    policyLocator,
    termNumber,
    effectiveDate,
    charges: wireLines(charges, currency).map((line, index) => ({ ...line, ...coverOf(charges[index]!) })),
    scheduleId,
    ...(invalidates === null ? {} : { invalidates }),
  };
}

function coverOf({ handling, coverageStart, coverageEnd }: StoredCharge) {
  return { handling, coverageStart, coverageEnd };
}

/** It was laid out, and is in effect with that. */
export function scheduleMade(parts: ScheduleParts, made: NewSchedule, occasion: Occasion): NewEvent[] {
  const { tenantId, id: subject, version, state } = made.schedule;
  const created = scheduleData(parts, made);
  const { instalments: _told, ...head } = created;
  return [
    {
      type: 'schedule.created',
      tenantId,
      subject,
      sequence: version - 1,
      data: { ...created, state: 'draft' },
      ...occasion,
    },
    { type: 'schedule.activated', tenantId, subject, sequence: version, data: { ...head, state }, ...occasion },
  ];
}

function scheduleData(parts: ScheduleParts, made: NewSchedule): EventData<'schedule.created'> {
  const { policy, charges } = parts;
  const { schedule, instalments, lines } = made;
  const { currency } = schedule;
  const chargeOf = new Map(charges.map((charge) => [charge.id, charge]));
  const linesOf = Map.groupBy(lines, ({ instalmentId }) => instalmentId);
  return {
    scheduleId: schedule.id,
    policyLocator: policy.locator,
    policyholderLocator: policy.policyholderLocator,
    plan: schedule.plan,
    planVersion: schedule.planVersion,
    state: schedule.state,
    currency,
    total: toWire({ minor: schedule.totalMinor, currency }),
    instalments: instalments.map(({ id, number, dueOn, periodStart, periodEnd, amountMinor }) => ({
      instalmentId: id,
      number,
      dueOn,
      periodStart,
      periodEnd,
      amount: toWire({ minor: amountMinor, currency }),
      lines: wireLines(
        (linesOf.get(id) ?? []).map((line) => ({ ...chargeOf.get(line.chargeId)!, amountMinor: line.amountMinor })),
        currency,
      ),
    })),
  };
}
