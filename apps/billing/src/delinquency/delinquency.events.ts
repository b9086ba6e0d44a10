import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Delinquency, Notice } from '../domain/delinquency.ts';
import type { DelinquencyFact } from '../domain/delinquency-course.ts';
import { balanceOf } from '../domain/delinquency-dates.ts';
import type { DelinquencyRule } from '../domain/delinquency-rule.ts';
import { startOfDay } from '../domain/zone.ts';
import type { DebtorPolicy, OpenDebt } from './past-due.repository.ts';

type DelinquencyData = EventData<'delinquency.started'>;

export interface DelinquencyContext extends Occasion {
  readonly policy: Pick<DebtorPolicy, 'policyholderLocator' | 'producerId' | 'timeZone'>;
  /** Past due of it. */
  readonly owed: readonly OpenDebt[];
  readonly rules: readonly DelinquencyRule[];
  /** Of a delinquency that asks to cancel. */
  readonly equityOn?: CalendarDate | undefined;
}

/** All of one delinquency are one aggregate, what it asks of the policy system too: its sequence is its version. */
export function delinquencyEvent(fact: DelinquencyFact, context: DelinquencyContext): NewEvent {
  const { type, delinquency } = fact;
  const { tenantId, id: subject, version: sequence } = delinquency;
  const { time, cause } = context;
  const about = { tenantId, subject, sequence, time, cause };
  switch (type) {
    case 'cancellation_requested':
      return { ...about, type: 'cancellation.requested', data: cancellationData(delinquency, context) };
    case 'reinstatement_eligible':
      return { ...about, type: 'reinstatement.eligible', data: offerData(fact, context) };
    default:
      return { ...about, type: `delinquency.${type}`, data: delinquencyData(delinquency, context) };
  }
}

function delinquencyData(delinquency: Delinquency, { policy, rules }: DelinquencyContext): DelinquencyData {
  const { currency, balanceMinor, notice, invoiceId, graceEndOn, cancelOn, reviewReason } = delinquency;
  const balance = toWire({ minor: balanceMinor, currency });
  return {
    delinquencyId: delinquency.id,
    policyLocator: delinquency.policyLocator,
    policyholderLocator: policy.policyholderLocator,
    ...(policy.producerId === null ? {} : { producerId: policy.producerId }),
    ...(invoiceId === null ? {} : { invoiceLocator: invoiceId }),
    planId: delinquency.planId,
    reason: delinquency.reason,
    state: delinquency.state,
    balance,
    minimumToCure: balance,
    onset: delinquency.onsetOn,
    ...(graceEndOn === null ? {} : { graceEnd: graceEndOn }),
    ...(notice === null ? {} : noticeData(notice, currency, rules)),
    ...(cancelOn === null ? {} : { cancelEffective: cancelOn }),
    ...(reviewReason === null ? {} : { reviewReason }),
  };
}

function noticeData(notice: Notice, currency: string, rules: readonly DelinquencyRule[]): Partial<DelinquencyData> {
  const { mailedAt, proofRef, channel, effectiveOn, cureOn } = notice;
  const rule = rules.find(({ id }) => id === notice.ruleId);
  return {
    noticeId: notice.id,
    noticeState: notice.state,
    ruleId: notice.ruleId,
    noticeAmount: toWire({ minor: notice.amountMinor, currency }),
    ...(rule ? { recipients: [...rule.recipients], proofType: rule.proofType } : {}),
    ...(mailedAt === null ? {} : { mailedTimestamp: mailedAt.toISOString() }),
    ...(proofRef === null ? {} : { proofRef }),
    ...(channel === null ? {} : { channel }),
    ...(effectiveOn === null ? {} : { earliestEffective: effectiveOn }),
    ...(cureOn === null ? {} : { cureBy: cureOn }),
  };
}

function cancellationData(
  delinquency: Delinquency,
  { equityOn, owed, policy }: DelinquencyContext,
): EventData<'cancellation.requested'> {
  const { notice, currency, reason } = delinquency;
  const cancelOn = delinquency.cancelOn!;
  // What was never on risk owes nothing, nor does time without cover.
  const debts = reason === 'not_taken' ? [] : owed.filter(({ isFee, dueOn }) => isFee || dueOn < cancelOn);
  const effectiveAt =
    notice?.effectiveOn === cancelOn ? notice.effectiveAt : notice && startOfDay(cancelOn, policy.timeZone);
  const isNotTaken = reason === 'not_taken';
  return {
    requestId: delinquency.cancellationId!,
    delinquencyId: delinquency.id,
    policyLocator: delinquency.policyLocator,
    reason: isNotTaken ? 'not_taken' : 'non_payment',
    method: isNotTaken ? 'flat' : 'pro_rata',
    effectiveDate: cancelOn,
    ...(effectiveAt ? { effectiveTimestamp: effectiveAt.toISOString() } : {}),
    ...(notice ? { noticeRef: notice.id, ruleId: notice.ruleId } : {}),
    ...(equityOn === undefined ? {} : { equityDate: equityOn }),
    balance: toWire({ minor: balanceOf(debts), currency }),
  };
}

function offerData(
  { delinquency, offer }: DelinquencyFact,
  { policy }: DelinquencyContext,
): EventData<'reinstatement.eligible'> {
  const { id: delinquencyId, policyLocator, currency } = delinquency;
  const { requiredMinor, feeMinor, receivedMinor, isEnough, windowEndOn, lapseDays } = offer!;
  return {
    ...{ delinquencyId, policyLocator, policyholderLocator: policy.policyholderLocator },
    amountRequired: toWire({ minor: requiredMinor, currency }),
    fee: toWire({ minor: feeMinor, currency }),
    received: toWire({ minor: receivedMinor, currency }),
    ...{ isEnough, windowEnd: windowEndOn, lapseDays },
  };
}
