import { displayIdOf } from './display-id.ts';
import type { PaymentLink } from './payment-link.ts';
import type { PaymentMethod } from './payment-method.ts';
import type { Payment } from './payment.ts';

/** That a payment was received: written once, when it is posted, and never changed. */
export interface Receipt {
  readonly tenantId: string;
  readonly id: string;
  readonly number: string;
  readonly paymentId: string;
  readonly policyLocator: string | null;
  readonly policyholderLocator: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly paidOn: string;
  readonly issuedAt: Date;
}

/** A receipt and what is known today of its money, its payer and its payee. */
export interface ReceiptCopy {
  readonly receipt: Receipt;
  readonly payment: Payment;
  readonly method: PaymentMethod | null;
  readonly link: PaymentLink | null;
}

/** @throws RangeError for a payment that is not posted */
export function issueReceipt(payment: Payment, id: string): Receipt {
  const { effectiveOn, postedAt } = payment;
  if (effectiveOn === null || postedAt === null) throw new RangeError('only what was received has a receipt');
  return {
    tenantId: payment.tenantId,
    id,
    number: displayIdOf(id, 'R'),
    paymentId: payment.id,
    policyLocator: payment.policyLocator,
    policyholderLocator: payment.policyholderLocator,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    paidOn: effectiveOn,
    issuedAt: postedAt,
  };
}

export const standings = ['paid', 'partially_refunded', 'refunded', 'returned', 'reversed'] as const;
export type Standing = (typeof standings)[number];

/** What has become of the money that a receipt is for: who reads the receipt later has to know. */
export function standingOf({ state, amountMinor, refundedMinor }: Payment): Standing {
  if (state === 'reversed' || state === 'returned') return state;
  if (refundedMinor === 0n) return 'paid';
  return refundedMinor < amountMinor ? 'partially_refunded' : 'refunded';
}
