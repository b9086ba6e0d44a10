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
import { accountOf } from '../domain/invoice.ts';
import { covering, takeOut } from '../domain/withdrawal.ts';
import { localDate } from '../domain/zone.ts';
import type { AppliedBatch, HeldPayment } from './held-payment.ts';
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
      ...takeShares(shares, taken.unappliedMinor, occasion),
      ...(last && toFundMinor > 0n ? [toFund(last, toFundMinor, withdrawal, book)] : []),
    ],
    suspense: takeSuspense(items, taken.suspendedMinor, occasion),
    missingMinor: taken.missingMinor,
    events: steps.flatMap(({ events }) => events),
  };
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
  const { timeZone } = debtOf(applied, withdrawal, book).policy;
  const today = localDate(occasion.time, timeZone);
  const batch = { ...headOf(withdrawal, today), invoices: applied.invoices, unappliedMinor: 0n, reverses: applied.id };
  const reopened = applied.invoices.flatMap(({ invoiceId: id, items }) =>
    book.unpay({ tenantId, id }, items, today, occasion),
  );
  return { batch, events: [eventOfBatch(batch, book), ...reopened] };
}

/** What of an undone batch stays paid goes to its invoices as a payment does, what is due first first. */
function applyAgain(applied: AppliedBatch, minor: bigint, withdrawal: Taken, book: ReceivableBook): Step {
  const { tenantId, occasion } = withdrawal;
  const { invoice, policy } = debtOf(applied, withdrawal, book);
  const own = new Set(applied.invoices.map(({ invoiceId }) => invoiceId));
  const open = book.open({ tenantId, locator: accountOf(invoice) }).filter(({ id }) => own.has(id));
  const head = headOf(withdrawal, localDate(occasion.time, policy.timeZone));
  const batch = { ...head, ...allocate(minor, open), reverses: null };
  const paid = batch.invoices.flatMap(({ invoiceId: id, items }) => book.pay({ tenantId, id }, items, occasion));
  return { batch, events: [eventOfBatch(batch, book), ...paid] };
}

function toFund(applied: AppliedBatch, deltaMinor: bigint, withdrawal: Taken, book: ReceivableBook): FundChange {
  const { tenantId, paymentLocator, money: kind, amount, occasion } = withdrawal;
  const { invoice, policy } = debtOf(applied, withdrawal, book);
  const owner =
    invoice.policyLocator === null
      ? { ownerType: 'policyholder' as const, ownerLocator: policy.policyholderLocator }
      : { ownerType: 'policy' as const, ownerLocator: invoice.policyLocator };
  return { tenantId, ...owner, currency: amount.currency, paymentLocator, kind, deltaMinor, occasion };
}

/** Of one of its invoices: a payment is applied to those of one account. */
function debtOf({ invoices }: AppliedBatch, { tenantId }: Withdrawal, book: ReceivableBook) {
  return book.get({ tenantId, id: invoices[0]!.invoiceId });
}

function headOf({ tenantId, paymentLocator, money: kind, amount, effectiveDate, occasion }: Taken, today: string) {
  const { currency } = amount;
  return { tenantId, id: newId(), paymentLocator, kind, currency, effectiveDate: effectiveDate ?? today, occasion };
}
