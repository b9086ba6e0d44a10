// What one withdrawal does to a payment and to the debts that it had paid: pure but for the ids of new rows.
import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { eventOfBatch } from '../allocations/allocation-batch.ts';
import type { AllocationBatch } from '../allocations/allocation-batch.ts';
import type { ReceivedPayment } from '../allocations/allocation.entity.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import { takeSuspense } from '../allocations/suspense.service.ts';
import type { SuspenseTaken } from '../allocations/suspense.service.ts';
import { takeShares } from '../allocations/unapplied-funds.service.ts';
import type { FundChange } from '../allocations/unapplied-funds.service.ts';
import { allocate } from '../domain/allocation.ts';
import type { MoneyKind } from '../domain/credit.ts';
import { covering, takeOut } from '../domain/withdrawal.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { localDate } from '../domain/zone.ts';
import type { AppliedBatch, HeldPayment } from './held-payment.ts';
import { ownerOfBatch, unpayAll } from './undone-batch.ts';
import type { Withdrawal } from './withdrawal.ts';

/** The payment afterwards, and what has to be written and said of it. */
export interface Withdrawn {
  readonly withdrawal: Withdrawal;
  readonly received: ReceivedPayment;
  readonly batches: readonly AllocationBatch[];
  readonly funds: readonly FundChange[];
  readonly suspense: SuspenseTaken;
  /** What had been given away before: the payer owes it. */
  readonly missingMinor: bigint;
  readonly events: readonly NewEvent[];
}

/**
 * Takes first what pays nothing. A refund then undoes the latest allocations, as whole batches, and applies again what
 * of them stays paid; a return undoes all of them, and what the bank did not take of it is unapplied.
 */
export function withdraw(held: HeldPayment, asked: Withdrawal, book: ReceivableBook): Withdrawn {
  const { received, shares, items } = held;
  const withdrawal = { ...asked, money: received.kind };
  const { occasion, amount } = withdrawal;
  const isRefund = withdrawal.kind === 'refund';
  const taken = takeOut(amount.minor, received);
  const latest = held.batches.toReversed();
  const undone = isRefund ? covering(taken.allocatedMinor, latest).rows : latest;
  const spareMinor = undone.reduce((sum, batch) => sum + batch.amountMinor, 0n) - taken.allocatedMinor;
  const steps = undone.map((batch) => undo(batch, withdrawal, book));
  const last = undone.at(-1);
  if (isRefund && last && spareMinor > 0n) steps.push(applyAgain(last, spareMinor, withdrawal, book));
  const toFundMinor = isRefund ? 0n : spareMinor;
  const gone = { goneMinor: amount.minor - taken.missingMinor, toFundMinor, isRefund };
  return {
    withdrawal,
    received: after(received, taken, gone),
    batches: steps.map(({ batch }) => batch),
    funds: [
      ...takeShares(shares, taken.unappliedMinor, occasion).map((change) => dated(change, withdrawal)),
      ...(last && toFundMinor > 0n ? [toFund(last, toFundMinor, withdrawal, book)] : []),
    ],
    suspense: takeSuspense(items, taken.suspendedMinor, occasion),
    missingMinor: taken.missingMinor,
    events: steps.flatMap(({ events }) => events),
  };
}

function dated(change: FundChange, { effectiveDate }: Taken): FundChange {
  return effectiveDate === null ? change : { ...change, effectiveDate };
}

/** With the kind of money that it is taken out of. */
type Taken = Withdrawal & { readonly money: MoneyKind };

interface Gone {
  readonly goneMinor: bigint;
  readonly toFundMinor: bigint;
  readonly isRefund: boolean;
}

function after(
  received: ReceivedPayment,
  taken: Pick<ReceivedPayment, 'allocatedMinor' | 'unappliedMinor' | 'suspendedMinor'>,
  { goneMinor, toFundMinor, isRefund }: Gone,
): ReceivedPayment {
  return {
    ...received,
    allocatedMinor: received.allocatedMinor - taken.allocatedMinor - toFundMinor,
    unappliedMinor: received.unappliedMinor - taken.unappliedMinor + toFundMinor,
    suspendedMinor: received.suspendedMinor - taken.suspendedMinor,
    ...(isRefund
      ? { refundedMinor: received.refundedMinor + goneMinor }
      : { state: 'reversed', returnedMinor: received.returnedMinor + goneMinor }),
  };
}

interface Step {
  readonly batch: AllocationBatch;
  readonly events: readonly NewEvent[];
}

/** Its invoices are owed again, and what was due before today is due by the end of today. */
function undo(applied: AppliedBatch, withdrawal: Taken, book: ReceivableBook): Step {
  const { tenantId, occasion } = withdrawal;
  const head = headOf(withdrawal, todayOf(applied, withdrawal, book));
  const batch = { ...head, invoices: applied.invoices, unappliedMinor: 0n, reverses: applied.id };
  return { batch, events: [eventOfBatch(batch, book), ...unpayAll(applied, { tenantId, occasion }, book)] };
}

/** What of an undone batch stays paid goes to its invoices as a payment does. */
function applyAgain(applied: AppliedBatch, minor: bigint, withdrawal: Taken, book: ReceivableBook): Step {
  const { tenantId, occasion } = withdrawal;
  const open = book.openAmong(applied.invoices.map(({ invoiceId: id }) => ({ tenantId, id })));
  const head = headOf(withdrawal, todayOf(applied, withdrawal, book));
  const batch = { ...head, ...allocate(minor, open, book.planOf(tenantId)), reverses: null };
  const paid = batch.invoices.flatMap(({ invoiceId: id, items }) => book.pay({ tenantId, id }, items, occasion));
  return { batch, events: [eventOfBatch(batch, book), ...paid] };
}

function toFund(applied: AppliedBatch, deltaMinor: bigint, withdrawal: Taken, book: ReceivableBook): FundChange {
  const { tenantId, paymentLocator, money: kind, amount, occasion } = withdrawal;
  const owner = { tenantId, ...ownerOfBatch(applied, tenantId, book), currency: amount.currency };
  const effectiveDate = withdrawal.effectiveDate ?? todayOf(applied, withdrawal, book);
  return { ...owner, paymentLocator, kind, deltaMinor, effectiveDate, occasion };
}

function todayOf({ invoices }: AppliedBatch, { tenantId, occasion }: Taken, book: ReceivableBook): CalendarDate {
  return localDate(occasion.time, book.get({ tenantId, id: invoices[0]!.invoiceId }).policy.timeZone);
}

function headOf({ tenantId, paymentLocator, money: kind, amount, effectiveDate, occasion }: Taken, today: string) {
  const { currency } = amount;
  return { tenantId, id: newId(), paymentLocator, kind, currency, effectiveDate: effectiveDate ?? today, occasion };
}
