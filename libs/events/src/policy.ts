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

const SignedCharges = Type.Array(
  Type.Object({
    category: ChargeCategory,
    code: Type.Optional(Code),
    amount: DecimalString,
    handling: Type.Optional(oneOf('proratable', 'fully_earned', 'flat')),
  }),
  { minItems: 1 },
);

/** The sender's id of a transaction: told again, it changes nothing. */
const transaction = {
  policyLocator: Id,
  transactionId: Id,
  effectiveDate: LocalDate,
  /** The version of the policy that the sender knows. */
  policyVersion: Type.Optional(Type.Integer({ minimum: 1 })),
};

export const PolicyEndorsedData = Type.Object(
  { ...transaction, charges: Type.Optional(SignedCharges), annualised: Type.Optional(SignedCharges) },
  { title: 'PolicyEndorsed' },
);
export const PolicyCancelledData = Type.Object(
  {
    ...transaction,
    reason: oneOf('non_payment', 'insured_request', 'underwriting', 'flat', 'rewrite'),
    method: oneOf('pro_rata', 'short_rate_90', 'short_rate_table', 'flat'),
    minimumEarnedRate: Type.Optional(Type.String()),
    charges: Type.Optional(SignedCharges),
  },
  { title: 'PolicyCancelled' },
);
export const PolicyReinstatedData = Type.Object(
  { ...transaction, lapse: Type.Boolean() },
  { title: 'PolicyReinstated' },
);
export const PolicyRenewedData = Type.Object(
  {
    ...transaction,
    expirationDate: LocalDate,
    charges: SignedCharges,
    plan: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    carryForward: Type.Optional(Type.Boolean()),
  },
  { title: 'PolicyRenewed' },
);
/** Here the id is that of the transaction which did not take place. */
export const PolicyTransactionInvalidatedData = Type.Object(
  { policyLocator: Id, transactionId: Id, reason: Type.Optional(Type.String({ maxLength: 500 })) },
  { title: 'PolicyTransactionInvalidated' },
);

const told = { policyLocator: story.policyLocator, transactionId: story.eventId, effectiveDate: '2025-07-01' };

export const policyEvents = define('POLICY', 'policy', {
  'policy.endorsed': event(
    'Inbound: what a policy covers has changed, and what it costs with it.',
    PolicyEndorsedData,
    {
      ...told,
      annualised: [{ category: 'premium', amount: '300.00' }],
    },
  ),
  'policy.cancelled': event('Inbound: a term ends before its time.', PolicyCancelledData, {
    ...told,
    reason: 'insured_request',
    method: 'pro_rata',
  }),
  'policy.reinstated': event('Inbound: a cancelled term goes on.', PolicyReinstatedData, { ...told, lapse: true }),
  'policy.renewed': event('Inbound: another term begins.', PolicyRenewedData, {
    ...told,
    effectiveDate: '2026-01-01',
    expirationDate: '2027-01-01',
    charges: [{ category: 'premium', amount: '290.00' }],
  }),
  'policy.transaction_invalidated': event(
    'Inbound: a transaction did not take place after all.',
    PolicyTransactionInvalidatedData,
    { policyLocator: story.policyLocator, transactionId: story.transactionId },
  ),

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
