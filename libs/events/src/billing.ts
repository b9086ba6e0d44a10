import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { instalmentEvents } from './instalments.ts';
import { invoiceEvents } from './invoices.ts';
import { AmountLine, Id, LocalDate, Reference, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const PolicyTransactionData = Type.Object(
  {
    transactionId: Id,
    type: oneOf('issue'),
    policyLocator: Reference,
    effectiveDate: LocalDate,
    charges: Type.Array(AmountLine),
    scheduleId: Id,
  },
  { title: 'PolicyTransaction' },
);
export type PolicyTransactionData = Static<typeof PolicyTransactionData>;

export const billingEvents = {
  ...define('BILLING', 'billing', {
    'policy_transaction.applied': event('A policy transaction took effect in billing.', PolicyTransactionData, {
      transactionId: story.transactionId,
      type: 'issue',
      policyLocator: story.policyLocator,
      effectiveDate: '2025-01-01',
      charges: [
        { category: 'tax', code: 'IPT', amount: usd(2800) },
        { category: 'premium', amount: usd(28000) },
      ],
      scheduleId: story.scheduleId,
    }),
  }),
  ...instalmentEvents,
  ...invoiceEvents,
};
