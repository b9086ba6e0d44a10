import type Stripe from 'stripe';
import type { Instrument, Mandate } from '../domain/payment-method.ts';

/** What a payment method of Stripe stands for; null for what we do not take. */
export function instrumentFrom(method: Stripe.PaymentMethod, mandate: Mandate | null): Instrument | null {
  const { card, us_bank_account: account } = method;
  if (card) {
    const { brand, last4, fingerprint = null, exp_year: year, exp_month: month } = card;
    const expiresOn = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
    return { type: 'card', brand, last4, expiresOn, currency: null, fingerprint, mandate: null };
  }
  if (account) {
    const { bank_name: brand, last4, fingerprint } = account;
    return { type: 'ach', brand, last4, expiresOn: null, currency: 'USD', fingerprint, mandate };
  }
  return null;
}

export function mandateFrom(mandate: Stripe.Mandate): Mandate {
  const acceptedAt = mandate.customer_acceptance.accepted_at;
  return {
    ...{ id: mandate.id, scheme: 'ach', state: mandate.status === 'inactive' ? 'revoked' : 'active' },
    signedAt: acceptedAt === null ? null : new Date(acceptedAt * 1_000).toISOString(),
  };
}
