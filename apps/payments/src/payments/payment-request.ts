import type { Amendment, ChangeAction } from '../domain/payment-change.ts';
import type { Payment } from '../domain/payment.ts';
import type { SeedState } from '../domain/payment-state.ts';

/** What a caller says about a payment. */
export type PaymentInput = Amendment;

export interface OfflineMoney {
  readonly method: 'cash' | 'check' | 'wire' | 'lockbox';
  readonly receivedOn: string;
}

export type ChargeInstrument = { readonly token: string } | { readonly paymentMethodId: string };

/** The three things that creating a payment can mean. */
export type StoreRequest =
  | { readonly kind: 'draft'; readonly input: PaymentInput }
  | { readonly kind: 'offline'; readonly input: PaymentInput; readonly money: OfflineMoney };
export type ChargeNow = ChargeInstrument & {
  readonly kind: 'charge';
  readonly input: PaymentInput;
  /** False only holds the amount. */
  readonly capture: boolean;
  /** The link that it is paid by. */
  readonly linkId?: string;
};
export type PaymentRequest = StoreRequest | ChargeNow;

export interface ChangeRequest {
  readonly action: ChangeAction | null;
  /** Read against the payment, whose currency an amount without one is in. */
  readonly amend: ((payment: Payment) => Amendment) | null;
  readonly returned: { readonly code: string; readonly pejorative: boolean; readonly returnedOn: string | null };
}

export interface PaymentFilter {
  readonly state?: SeedState;
  readonly policyLocator?: string;
  readonly policyholderLocator?: string;
  readonly invoiceLocator?: string;
  readonly statementLocator?: string;
  readonly merchantId?: string;
  readonly locationId?: string;
  /** Both are exclusive. */
  readonly createdBefore?: Date;
  readonly postedAfter?: Date;
}
