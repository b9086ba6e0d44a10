import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Id, Instant, LocalDate, Reference, WireAmount } from './schema.ts';
import { story, usd } from './story.ts';

/** Ids and an amount only: whoever mails the receipt reads it, and the addressee, over the API. */
export const ReceiptData = Type.Object(
  {
    receiptId: Id,
    number: Type.String({ maxLength: 40 }),
    paymentLocator: Id,
    policyLocator: Type.Optional(Reference),
    policyholderLocator: Type.Optional(Reference),
    amount: WireAmount,
    paidDate: LocalDate,
    issuedTimestamp: Instant,
  },
  { title: 'Receipt' },
);
export type ReceiptData = Static<typeof ReceiptData>;

export const receiptEvents = define('PAYMENTS', 'payments', {
  'receipt.issued': event('A receipt for a posted payment can be read, printed and mailed.', ReceiptData, {
    receiptId: story.receiptId,
    number: 'R-000001',
    paymentLocator: story.paymentLocator,
    policyLocator: story.policyLocator,
    policyholderLocator: story.policyholderLocator,
    amount: usd(2567),
    paidDate: '2025-01-01',
    issuedTimestamp: story.postedAt,
  }),
});
