import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { ChargeCategory, Code, Currency, DecimalString, Id, LocalDate, Reference, oneOf } from './schema.ts';
import { story } from './story.ts';

/** Inbound: the body of `POST /policies` plus the sender's `policyLocator`, which becomes ours. */
export const PolicyIssuedData = Type.Object(
  {
    policyLocator: Id,
    policyNumber: Type.String({ minLength: 1, maxLength: 64 }),
    policyholderLocator: Reference,
    currency: Currency,
    timeZone: Type.String({ minLength: 1, maxLength: 64 }),
    jurisdiction: Type.Optional(Type.String({ maxLength: 64 })),
    line: Type.Optional(Type.String({ maxLength: 64 })),
    billingMethod: Type.Optional(oneOf('direct', 'agency', 'financed')),
    producerId: Type.Optional(Reference),
    financerId: Type.Optional(Reference),
    effectiveDate: LocalDate,
    expirationDate: LocalDate,
    plan: Type.String({ minLength: 1, maxLength: 64 }),
    collection: oneOf('automatic', 'invoice', 'partner'),
    paymentMethodId: Type.Optional(Reference),
    dueDay: Type.Optional(Type.Integer({ minimum: 1, maximum: 31 })),
    charges: Type.Array(
      Type.Object({
        category: ChargeCategory,
        code: Type.Optional(Code),
        amount: DecimalString,
        handling: Type.Optional(oneOf('proratable', 'fully_earned', 'flat')),
      }),
      { minItems: 1 },
    ),
  },
  { title: 'PolicyIssued' },
);
export type PolicyIssuedData = Static<typeof PolicyIssuedData>;

export const policyEvents = define('POLICY', 'policy', {
  'policy.issued': event('Inbound: a policy was issued; billing makes its schedule.', PolicyIssuedData, {
    policyLocator: story.policyLocator,
    policyNumber: story.policyNumber,
    policyholderLocator: story.policyholderLocator,
    currency: 'USD',
    timeZone: 'America/New_York',
    effectiveDate: '2025-01-01',
    expirationDate: '2026-01-01',
    plan: '1year-monthly',
    collection: 'automatic',
    paymentMethodId: story.paymentMethodId,
    charges: [
      { category: 'premium', amount: '280.00' },
      { category: 'tax', code: 'IPT', amount: '28.00' },
    ],
  }),
});
