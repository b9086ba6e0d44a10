import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, LocalDate, Reference, WireAmount } from './schema.ts';
import { story, usd } from './story.ts';

export const FeeData = Type.Object(
  {
    /** The charge that it is. */
    feeId: Id,
    feeType: Code,
    policyLocator: Reference,
    invoiceLocator: Type.Optional(Id),
    amount: WireAmount,
    /** What it is for: a payment, an instalment, a transaction. */
    causeId: Type.Optional(Id),
    assessedOn: LocalDate,
  },
  { title: 'Fee' },
);
export type FeeData = Static<typeof FeeData>;

const assessed: FeeData = {
  feeId: story.feeId,
  feeType: 'nsf_fee',
  policyLocator: story.policyLocator,
  invoiceLocator: story.feeInvoiceLocator,
  amount: usd(2500),
  causeId: story.paymentLocator,
  assessedOn: '2025-03-05',
};

export const feeEvents = define('BILLING', 'billing', {
  'fee.assessed': event('A fee is owed; its invoice has nothing else on it.', FeeData, assessed),
  'fee.waived': event('The fee is not asked for any more.', FeeData, assessed),
});
