import { formatAmount } from '@quittance/money/money';
import { DomainError } from './errors.ts';
import { allowedActions, seedState } from './payment-state.ts';
import type { Payment } from './payment.ts';

/** What of a payment is neither given back nor promised, nor taken by a dispute. */
export function refundable({ amountMinor, refundedMinor, refundPendingMinor, lostMinor }: Payment): bigint {
  const left = amountMinor - refundedMinor - refundPendingMinor - lostMinor;
  return left > 0n ? left : 0n;
}

/** Promises an amount: from here on no other refund can have it. The database refuses a sum above the payment too. */
export function reserve(payment: Payment, amountMinor: bigint, now: Date): Payment {
  refuseUnlessRefundable(payment, amountMinor);
  return { ...payment, refundPendingMinor: payment.refundPendingMinor + amountMinor, updatedAt: now };
}

/** The promise is off. */
export function release(payment: Payment, amountMinor: bigint, now: Date): Payment {
  return { ...payment, refundPendingMinor: payment.refundPendingMinor - amountMinor, updatedAt: now };
}

/** The promise was kept. Whatever the payment has become meanwhile, the money is gone. */
export function settle(payment: Payment, amountMinor: bigint, now: Date): Payment {
  return { ...release(payment, amountMinor, now), refundedMinor: payment.refundedMinor + amountMinor };
}

/** What was given back came home: the cheque was stopped. */
export function unsettle(payment: Payment, amountMinor: bigint, now: Date): Payment {
  return { ...payment, refundedMinor: payment.refundedMinor - amountMinor, updatedAt: now };
}

function refuseUnlessRefundable(payment: Payment, amountMinor: bigint): void {
  if (payment.state !== 'posted') {
    throw new DomainError('invalid_transition', `A ${seedState(payment.state)} payment cannot be refunded.`, {
      allowedActions: allowedActions(payment),
    });
  }
  const left = refundable(payment);
  const remaining = formatAmount({ minor: left, currency: payment.currency });
  if (amountMinor > left || left === 0n) {
    const detail = `Only ${remaining} ${payment.currency} of this payment is left to refund.`;
    const errors = [{ pointer: '/amount', detail: `must not be more than ${remaining}` }];
    throw new DomainError('exceeds_refundable', detail, { errors, members: { remaining } });
  }
  // The scheme may take the disputed amount too: both together must not be more than there is.
  if (payment.disputedMinor > 0n && amountMinor + payment.disputedMinor > left) {
    const disputed = formatAmount({ minor: payment.disputedMinor, currency: payment.currency });
    const detail = `${disputed} of the ${remaining} ${payment.currency} that is left is under dispute.`;
    throw new DomainError('payment_disputed', detail, { members: { remaining } });
  }
}
