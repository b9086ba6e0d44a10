import type { Failure } from './outcome.ts';

export type MethodState = 'active' | 'expired' | 'revoked' | 'blocked';

/** An instrument as its provider knows it. We keep the token and what helps a person to recognise it, nothing else. */
export interface Instrument {
  readonly type: 'card' | 'ach';
  readonly brand: string | null;
  readonly last4: string | null;
  /** The last day it can be charged. */
  readonly expiresOn: string | null;
  /** The only currency it can be charged in; null when any will do. */
  readonly currency: string | null;
  /** The provider's word for the account behind the token: equal for two tokens of one card. */
  readonly fingerprint: string | null;
  readonly mandate: Mandate | null;
}

/** The customer's leave to take money from an account. */
export interface Mandate {
  readonly id: string;
  readonly scheme: 'ach' | 'sepa_dd' | 'bacs_dd' | 'card';
  readonly state: 'active' | 'revoked';
  /** An ISO instant. */
  readonly signedAt: string | null;
}

export interface PaymentMethod extends Instrument {
  readonly tenantId: string;
  readonly id: string;
  readonly version: number;
  readonly provider: string;
  readonly token: string;
  readonly state: MethodState;
  readonly policyholderLocator: string;
  readonly isDefault: boolean;
  /** The last day of which a warning was given. */
  readonly expiryToldFor: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function methodState(method: Pick<PaymentMethod, 'state' | 'expiresOn'>, today: string): MethodState {
  return method.state === 'active' && method.expiresOn !== null && method.expiresOn < today ? 'expired' : method.state;
}

export function isUsable(
  method: Pick<PaymentMethod, 'state' | 'expiresOn' | 'currency'>,
  currency: string,
  today: string,
): boolean {
  return methodState(method, today) === 'active' && (method.currency === null || method.currency === currency);
}

export const noPaymentMethod: Failure = {
  code: 'no_payment_method',
  category: 'hard',
  retryable: false,
  recommendedAction: 'update_payment_method',
};
