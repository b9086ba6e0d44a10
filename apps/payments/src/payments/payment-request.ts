import type { Payment } from '../domain/payment.ts';
import type { PaymentState } from '../domain/payment-state.ts';

export type PaymentInput = Pick<
  Payment,
  | 'amountMinor'
  | 'currency'
  | 'fieldValues'
  | 'invoiceLocator'
  | 'locationId'
  | 'merchantId'
  | 'policyLocator'
  | 'policyholderLocator'
  | 'statementLocator'
>;

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
};
export type PaymentRequest = StoreRequest | ChargeNow;

export interface PaymentFilter {
  readonly states?: readonly PaymentState[];
  readonly policyLocator?: string;
  readonly policyholderLocator?: string;
  readonly invoiceLocator?: string;
  /** Both are exclusive. */
  readonly createdBefore?: Date;
  readonly postedAfter?: Date;
}
