import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { creditEvents } from './credits.ts';
import { equityEvents } from './equity.ts';
import { feeEvents } from './fees.ts';
import { instalmentEvents } from './instalments.ts';
import { invoiceEvents } from './invoices.ts';
import { parties } from './policy-changes.ts';
import { AmountLine, Code, Id, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

/** A charge with the cover that it pays for, and how it is earned over that. */
const CoveringCharge = Type.Object(
  {
    ...AmountLine.properties,
    handling: Type.Optional(oneOf('proratable', 'fully_earned', 'flat')),
    coverageStart: Type.Optional(LocalDate),
    coverageEnd: Type.Optional(LocalDate),
  },
  { title: 'CoveringCharge' },
);

export const PolicyTransactionData = Type.Object(
  {
    transactionId: Id,
    type: oneOf(
      'issue',
      'endorsement',
      'cancellation',
      'reinstatement',
      'renewal',
      'nonrenewal',
      'expiration',
      'invalidation',
      'plan_change',
      'party_change',
    ),
    state: Type.Optional(oneOf('pending', 'applied', 'invalidated')),
    termNumber: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The policy's version after it. */
    policyVersion: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The transaction that this one undoes. */
    invalidates: Type.Optional(Id),
    policyLocator: Reference,
    effectiveDate: LocalDate,
    charges: Type.Array(CoveringCharge),
    scheduleId: Id,
    /** Of a change of parties: what is another now. */
    parties: Type.Optional(Type.Object(parties)),
  },
  { title: 'PolicyTransaction' },
);
/** What of a policy's price is given back when its term ends early. */
export const ReturnPremiumData = Type.Object(
  {
    transactionId: Id,
    policyLocator: Reference,
    policyholderLocator: Reference,
    method: Code,
    /** The least part that is kept, as a fraction. */
    minimumEarnedRate: Type.Optional(Type.String()),
    effectiveDate: LocalDate,
    earned: WireAmount,
    unearned: WireAmount,
    /** What of the unearned is kept for ending early. */
    penalty: WireAmount,
    feesRetained: WireAmount,
    returned: WireAmount,
    payeeType: oneOf('insured', 'financer'),
    payeeLocator: Type.Optional(Reference),
    refundDueBy: Type.Optional(LocalDate),
    /** Owed beside it where it is paid later than that. */
    lateAddition: Type.Optional(WireAmount),
  },
  { title: 'ReturnPremium' },
);

export const PlanChangeData = Type.Object(
  {
    policyLocator: Reference,
    scheduleId: Id,
    transactionId: Id,
    from: Type.String(),
    to: Type.String(),
    scope: oneOf('all', 'planned', 'not_fully_paid'),
    movedInstalments: Type.Integer({ minimum: 0 }),
    /** What had been paid on them, and is unapplied now. */
    undistributed: WireAmount,
  },
  { title: 'PlanChange' },
);

export const ReinstatementData = Type.Object(
  {
    transactionId: Id,
    policyLocator: Reference,
    effectiveDate: LocalDate,
    /** 0 without a lapse. */
    lapseDays: Type.Integer({ minimum: 0 }),
    amount: WireAmount,
    fee: WireAmount,
  },
  { title: 'Reinstatement' },
);

export type PolicyTransactionData = Static<typeof PolicyTransactionData>;

const covering = { handling: 'proratable', coverageStart: '2025-01-01', coverageEnd: '2026-01-01' } as const;
const applied: PolicyTransactionData = {
  transactionId: story.transactionId,
  type: 'issue',
  policyLocator: story.policyLocator,
  effectiveDate: '2025-01-01',
  charges: [
    { category: 'tax', code: 'IPT', amount: usd(2800), ...covering },
    { category: 'premium', amount: usd(28000), ...covering },
  ],
  scheduleId: story.scheduleId,
};

const policyTransactionEvents = define('BILLING', 'billing', {
  'policy_transaction.applied': event('A policy transaction took effect in billing.', PolicyTransactionData, applied),
  'policy_transaction.invalidated': event(
    'A transaction did not take place after all: its charges are compensated.',
    PolicyTransactionData,
    { ...applied, type: 'endorsement', state: 'invalidated' },
  ),
  'return_premium.calculated': event('What of a policy is given back, and why not more.', ReturnPremiumData, {
    transactionId: story.transactionId,
    policyLocator: story.policyLocator,
    policyholderLocator: story.policyholderLocator,
    method: 'pro_rata',
    effectiveDate: '2025-04-11',
    earned: usd(8438),
    unearned: usd(22362),
    penalty: usd(0),
    feesRetained: usd(0),
    returned: usd(22362),
    payeeType: 'insured',
  }),
  'plan.changed': event('The rest of a term is paid by another plan.', PlanChangeData, {
    policyLocator: story.policyLocator,
    scheduleId: story.scheduleId,
    transactionId: story.transactionId,
    from: '1year-monthly',
    to: 'full-pay',
    scope: 'planned',
    movedInstalments: 8,
    undistributed: usd(0),
  }),
  'reinstatement.billed': event('A policy is in force again, and what that costs is billed.', ReinstatementData, {
    transactionId: story.transactionId,
    policyLocator: story.policyLocator,
    effectiveDate: '2025-04-21',
    lapseDays: 10,
    amount: usd(83838),
    fee: usd(2500),
  }),
});

export const billingEvents = {
  ...policyTransactionEvents,
  ...instalmentEvents,
  ...invoiceEvents,
  ...creditEvents,
  ...feeEvents,
  ...equityEvents,
};
