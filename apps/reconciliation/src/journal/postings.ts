// Facts of payments, read as the ledger's: which rule applies, what names the entry, and its business date.
import type { EventData } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import type { Dependent, Posting, Reversal } from '../domain/entry.ts';
import {
  disbursementExecuted,
  disbursementStale,
  disputeLost,
  disputeOpened,
  paidIntoOf,
  refundSucceeded,
} from '../domain/money-out-rules.ts';
import { paymentPosted } from '../domain/posting-rules.ts';
import { dayOf, key } from './posting-key.ts';

export function postingOfPayment({ data, time }: QuittanceEvent<'payment.posted'>): Posting {
  const { locator: paymentLocator, amount, method, policyLocator, invoiceLocator, policyholderLocator: party } = data;
  return {
    ...key('payment_posted', 'payment', paymentLocator),
    effectiveOn: data.effectiveDate ?? dayOf(time),
    lines: paymentPosted({ amount: fromWire(amount), method, paymentLocator, policyLocator, invoiceLocator, party }),
  };
}

export type UndoneByPayments = QuittanceEvent<
  'payment.reversed' | 'payment.returned' | 'dispute.won' | 'disbursement.voided'
>;

/** A returned payment is undone as a reversed one is, but for a lost dispute: that is booked by the dispute itself. */
export function reversalOfPayments(event: UndoneByPayments): Reversal | null {
  switch (event.type) {
    case 'payment.reversed':
      return reversalOfPayment(event as QuittanceEvent<'payment.reversed'>);
    case 'payment.returned':
      return reversalOfReturn(event as QuittanceEvent<'payment.returned'>);
    case 'dispute.won':
      return reversalOfDispute(event as QuittanceEvent<'dispute.won'>);
    case 'disbursement.voided':
      return reversalOfDisbursement(event as QuittanceEvent<'disbursement.voided'>);
  }
}

function reversalOfPayment({ data, time }: QuittanceEvent<'payment.reversed'>): Reversal {
  return {
    ...key('payment_reversed', 'payment', data.locator),
    effectiveOn: data.reversal?.executedDate ?? dayOf(data.reversedTimestamp ?? time),
    of: key('payment_posted', 'payment', data.locator),
  };
}

function reversalOfReturn({ data, time }: QuittanceEvent<'payment.returned'>): Reversal | null {
  // Without a dispute behind it, it is a return like any other.
  if (data.return?.code === 'chargeback' && data.amountDisputed) return null;
  return {
    ...key('payment_returned', 'payment', data.locator),
    effectiveOn: data.return?.returnedDate ?? dayOf(data.returnedTimestamp ?? time),
    of: key('payment_posted', 'payment', data.locator),
  };
}

/** An inquiry holds no money, so nothing was booked of it. */
function reversalOfDispute({ data, time }: QuittanceEvent<'dispute.won'>): Reversal | null {
  if (data.stage === 'inquiry') return null;
  return {
    ...key('dispute_won', 'dispute', data.disputeId),
    effectiveOn: data.effectiveDate ?? dayOf(time),
    of: key('dispute_opened', 'dispute', data.disputeId),
  };
}

function reversalOfDisbursement({ data, time }: QuittanceEvent<'disbursement.voided'>): Reversal {
  return {
    ...key('disbursement_voided', 'disbursement', data.disbursementId),
    effectiveOn: dayOf(time),
    of: key('disbursement_executed', 'disbursement', data.disbursementId),
  };
}

export type PaidOut = QuittanceEvent<'disbursement.executed' | 'disbursement.stale'>;

/** With a request its money was set aside; without one it is a refund by cheque. */
export function postingOfDisbursement({ type, data, time }: PaidOut): Posting {
  const { disbursementId, requestId, paymentLocator, policyLocator } = data;
  const money = { amount: fromWire(data.amount), paymentLocator, policyLocator };
  if (type === 'disbursement.stale') {
    const lines = disbursementStale(money);
    return { ...key('disbursement_stale', 'disbursement', disbursementId), effectiveOn: dayOf(time), lines };
  }
  return {
    ...key('disbursement_executed', 'disbursement', disbursementId),
    effectiveOn: data.effectiveDate ?? dayOf(time),
    lines: disbursementExecuted({ ...money, isSetAside: requestId !== undefined }),
  };
}

export type TakenFromPayment = QuittanceEvent<
  'refund.succeeded' | 'dispute.opened' | 'dispute.updated' | 'dispute.lost'
>;

/** Money goes out by where the payment came in, so the entry of the payment says by which account. */
export function takenFromPayment(event: TakenFromPayment): Dependent | null {
  const of = key('payment_posted', 'payment', event.data.paymentLocator);
  switch (event.type) {
    case 'refund.succeeded': {
      const refund = event as QuittanceEvent<'refund.succeeded'>;
      return { of, posting: (payment) => postingOfRefund(refund, paidIntoOf(payment)) };
    }
    case 'dispute.lost': {
      const dispute = event as QuittanceEvent<'dispute.lost'>;
      return { of, posting: (payment) => postingOfLost(dispute, paidIntoOf(payment)) };
    }
    default: {
      // An inquiry holds no money yet. What is held is held once: a later word on it books nothing more.
      const dispute = event as QuittanceEvent<'dispute.opened' | 'dispute.updated'>;
      if (dispute.data.stage === 'inquiry') return null;
      return { of, posting: (payment) => postingOfHeld(dispute, paidIntoOf(payment)) };
    }
  }
}

function postingOfRefund({ data, time }: QuittanceEvent<'refund.succeeded'>, paidInto: string): Posting {
  const { refundId, paymentLocator, policyLocator, invoiceLocator, destination } = data;
  const amount = fromWire(data.amount);
  return {
    ...key('refund_succeeded', 'refund', refundId),
    effectiveOn: data.effectiveDate ?? dayOf(time),
    lines: refundSucceeded({ amount, destination, paidInto, paymentLocator, policyLocator, invoiceLocator }),
  };
}

function postingOfHeld(
  { data, time }: QuittanceEvent<'dispute.opened' | 'dispute.updated'>,
  paidInto: string,
): Posting {
  const { disputeId, fee } = data;
  return {
    ...key('dispute_opened', 'dispute', disputeId),
    effectiveOn: dayOf(time),
    lines: disputeOpened({ ...disputed(data), fee: fee && fromWire(fee), paidInto }),
  };
}

function postingOfLost({ data, time }: QuittanceEvent<'dispute.lost'>, paidInto: string): Posting {
  return {
    ...key('dispute_lost', 'dispute', data.disputeId),
    effectiveOn: data.effectiveDate ?? dayOf(time),
    lines: disputeLost({ ...disputed(data), isHeld: data.stage !== 'inquiry', paidInto }),
  };
}

function disputed({ amount, paymentLocator, policyLocator, invoiceLocator }: EventData<'dispute.opened'>) {
  return { amount: fromWire(amount), paymentLocator, policyLocator, invoiceLocator };
}
