import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const CreditData = Type.Object(
  {
    creditId: Id,
    /** `partner`: a partner has collected it and holds it. */
    kind: oneOf('credit', 'partner'),
    source: Code,
    policyLocator: Reference,
    amount: WireAmount,
    /** What of it pays nothing yet. */
    balance: WireAmount,
    transactionId: Type.Optional(Id),
    /** The credit memo that says so. */
    invoiceLocator: Type.Optional(Id),
    effectiveDate: LocalDate,
  },
  { title: 'Credit' },
);
export type CreditData = Static<typeof CreditData>;

const created: CreditData = {
  creditId: story.creditId,
  kind: 'credit',
  source: 'return_premium',
  policyLocator: story.policyLocator,
  amount: usd(9000),
  balance: usd(9000),
  transactionId: story.transactionId,
  invoiceLocator: story.memoLocator,
  effectiveDate: '2025-04-11',
};

export const creditEvents = define('BILLING', 'billing', {
  'credit.created': event('Money that no payment brought pays debts of a policy from now on.', CreditData, created),
  'credit.applied': event('A part of the credit paid something.', CreditData, { ...created, balance: usd(6433) }),
  'credit.refunded': event('A part of the credit is to be paid out.', CreditData, { ...created, balance: usd(0) }),
  'credit.restored': event(
    'A part of the credit is free again: it was not paid out, or no longer pays.',
    CreditData,
    created,
  ),
  'credit.reversed': event('The credit was taken back: what it was for did not take place.', CreditData, {
    ...created,
    balance: usd(0),
  }),
});
