import { Type } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { PolicyIssuedData } from './policy.ts';
import { Currency, Id, LocalDate, Reference, nullable, oneOf } from './schema.ts';
import { story } from './story.ts';

/** Who is behind a policy. */
export const parties = {
  policyholderLocator: Type.Optional(Reference),
  billingMethod: Type.Optional(oneOf('direct', 'agency', 'financed')),
  collection: Type.Optional(oneOf('automatic', 'invoice', 'partner')),
  paymentMethodId: Type.Optional(nullable(Reference)),
  producerId: Type.Optional(nullable(Reference)),
  financerId: Type.Optional(nullable(Reference)),
  mortgageeId: Type.Optional(nullable(Reference)),
};

/** Inbound: the body of `PATCH /policies/{locator}`. What is absent stays, null takes it away; one at least is said. */
export const PolicyPartyChangedData = Type.Object(
  {
    policyLocator: Id,
    /** The sender's id of the change: told again, it changes nothing. */
    transactionId: Id,
    /** The version of the policy that the sender knows. */
    policyVersion: Type.Optional(Type.Integer({ minimum: 1 })),
    ...parties,
  },
  { title: 'PolicyPartyChanged' },
);

/** Inbound: a price, whose plans are asked for. `plan.offered` answers it, once for each `quoteId`. */
export const PolicyQuotePricedData = Type.Object(
  {
    quoteId: Reference,
    currency: Currency,
    /** UTC where it is absent. */
    timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    jurisdiction: Type.Optional(Type.String({ maxLength: 64 })),
    line: Type.Optional(Type.String({ maxLength: 64 })),
    effectiveDate: LocalDate,
    expirationDate: LocalDate,
    dueDay: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })),
    charges: PolicyIssuedData.properties.charges,
  },
  { title: 'PolicyQuotePriced' },
);

/** The dates are those of the term that is not renewed, or that is over. */
const termEnd = {
  policyLocator: Id,
  /** The sender's id of it: told again, it changes nothing; invalidated, the term may be renewed. */
  transactionId: Id,
  effectiveDate: LocalDate,
  expirationDate: LocalDate,
  policyVersion: Type.Optional(Type.Integer({ minimum: 1 })),
};
export const PolicyNonrenewedData = Type.Object(termEnd, { title: 'PolicyNonrenewed' });
export const PolicyExpiredData = Type.Object(termEnd, { title: 'PolicyExpired' });

const told = { policyLocator: story.policyLocator, transactionId: story.eventId };

const term = { effectiveDate: '2025-01-01', expirationDate: '2026-01-01' };

export const policyChangeEvents = define('POLICY', 'policy', {
  'policy.party_changed': event(
    'Inbound: another pays, sells or lends, from when it is told.',
    PolicyPartyChangedData,
    {
      ...told,
      producerId: 'PROD-8',
      collection: 'invoice',
      paymentMethodId: null,
    },
  ),
  'policy.nonrenewed': event('Inbound: no term follows this one.', PolicyNonrenewedData, { ...told, ...term }),
  'policy.expired': event('Inbound: the term is over, and none followed.', PolicyExpiredData, { ...told, ...term }),
  'policy.quote_priced': event(
    'Inbound: what a term would cost; how it could be paid is asked.',
    PolicyQuotePricedData,
    {
      quoteId: story.quoteId,
      currency: 'USD',
      ...term,
      charges: [
        { category: 'premium', amount: '280.00' },
        { category: 'tax', code: 'IPT', amount: '28.00' },
      ],
    },
  ),
});
