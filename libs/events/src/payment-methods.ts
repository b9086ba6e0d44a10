import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, LocalDate, Reference, nullable, oneOf } from './schema.ts';
import { story } from './story.ts';

export const PaymentMethodData = Type.Object(
  {
    paymentMethodId: Id,
    type: oneOf('card', 'ach'),
    brand: Type.Optional(Type.String()),
    last4: Type.Optional(Type.String({ pattern: '^\\d{4}$' })),
    state: oneOf('active', 'expired', 'revoked', 'blocked'),
    policyholderLocator: Reference,
    /** The last day on which it can be charged. */
    expiresDate: Type.Optional(LocalDate),
    isDefault: Type.Optional(Type.Boolean()),
    mandate: Type.Optional(
      Type.Object({
        scheme: oneOf('ach', 'sepa_dd', 'bacs_dd', 'card'),
        state: oneOf('active', 'revoked'),
        signedTimestamp: nullable(Instant),
      }),
    ),
    /** Why it can no longer be charged: a return code, or who asked. */
    reason: Type.Optional(Code),
  },
  { title: 'PaymentMethod' },
);
export type PaymentMethodData = Static<typeof PaymentMethodData>;

const added: PaymentMethodData = {
  paymentMethodId: story.paymentMethodId,
  type: 'card',
  brand: 'visa',
  last4: '4242',
  state: 'active',
  policyholderLocator: story.policyholderLocator,
  expiresDate: '2027-12-31',
  isDefault: true,
};
const bank: PaymentMethodData = {
  ...{ paymentMethodId: story.paymentMethodId, type: 'ach', last4: '6789', state: 'active' },
  policyholderLocator: story.policyholderLocator,
  mandate: { scheme: 'ach', state: 'active', signedTimestamp: story.createdAt },
};

export const paymentMethodEvents = define('PAYMENTS', 'payments', {
  'payment_method.added': event('A payment method was stored for a policyholder, by token.', PaymentMethodData, added),
  'payment_method.updated': event(
    'What is known of a payment method changed: expiry, default, state.',
    PaymentMethodData,
    { ...added, expiresDate: '2030-12-31' },
  ),
  'payment_method.expiring': event('A payment method can soon no longer be charged.', PaymentMethodData, {
    ...added,
    expiresDate: '2025-01-31',
  }),
  'payment_method.revoked': event('A payment method may not be charged any more.', PaymentMethodData, {
    ...bank,
    state: 'revoked',
    mandate: { scheme: 'ach', state: 'revoked', signedTimestamp: story.createdAt },
    reason: 'R10',
  }),
});
