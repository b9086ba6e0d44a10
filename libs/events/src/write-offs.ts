import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { InstalmentData, instalmentEvents } from './instalments.ts';
import { InvoiceData, invoiceEvents, InvoiceType, SuspenseData } from './invoices.ts';
import { ChargeCategory, Code, Id, LocalDate, Reference, Text, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const WriteOffData = Type.Object(
  {
    writeOffId: Id,
    invoiceLocator: Id,
    invoiceType: Type.Optional(InvoiceType),
    policyLocator: Reference,
    policyholderLocator: Reference,
    /** `tolerance`: so little was missing that the invoice counts as paid. */
    cause: oneOf('manual', 'tolerance'),
    amount: WireAmount,
    items: Type.Array(
      Type.Object({
        itemNo: Type.Integer({ minimum: 1 }),
        category: ChargeCategory,
        code: Type.Optional(Code),
        amount: WireAmount,
      }),
    ),
    /** What is owed on the invoice afterwards. */
    balance: WireAmount,
    reason: Type.Optional(Text),
    writtenOffOn: LocalDate,
    reversedOn: Type.Optional(LocalDate),
  },
  { title: 'WriteOff' },
);
export type WriteOffData = Static<typeof WriteOffData>;

const written: WriteOffData = {
  writeOffId: story.writeOffId,
  invoiceLocator: story.invoiceLocator,
  invoiceType: 'instalment',
  policyLocator: story.policyLocator,
  policyholderLocator: story.policyholderLocator,
  cause: 'manual',
  amount: usd(2567),
  items: [
    { itemNo: 1, category: 'tax', code: 'IPT', amount: usd(233) },
    { itemNo: 2, category: 'premium', amount: usd(2334) },
  ],
  balance: usd(0),
  writtenOffOn: '2025-03-01',
};
const suspended = { ...invoiceEvents['suspense.opened'].sample };

export const writeOffEvents = define('BILLING', 'billing', {
  'write_off.created': event('A debt, or a part of it, is not asked for any more.', WriteOffData, {
    ...written,
    reason: 'Deceased, no estate',
  }),
  'write_off.reversed': event('What was written off is owed again.', WriteOffData, {
    ...written,
    balance: usd(2567),
    reversedOn: '2025-04-01',
  }),
  'shortfall.forgiven': event('A payment missed so little of an invoice that it counts as paid.', WriteOffData, {
    ...{ ...written, cause: 'tolerance', amount: usd(50) },
    items: [{ itemNo: 2, category: 'premium', amount: usd(50) }],
  }),
  'invoice.uncollectible': event('What was left of the invoice was written off.', InvoiceData, {
    ...invoiceEvents['invoice.issued'].sample,
    ...{ state: 'uncollectible', balance: usd(0) },
  }),
  'instalment.written_off': event('What was left of the instalment was written off.', InstalmentData, {
    ...instalmentEvents['instalment.billed'].sample,
    ...{ state: 'written_off', balance: usd(0) },
  }),
  'suspense.applied': event('The owner of money in suspense was found: it pays what is owed.', SuspenseData, suspended),
  'suspense.aged': event('Money has been in suspense for long: somebody should look for its owner.', SuspenseData, {
    ...suspended,
    ageDays: 30,
  }),
});
