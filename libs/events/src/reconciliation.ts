import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, LocalDate, Reference, WireAmount } from './schema.ts';
import { story, usd } from './story.ts';

const JournalLine = Type.Object(
  {
    account: Type.String({ pattern: '^\\d{4}$' }),
    debit: Type.Optional(WireAmount),
    credit: Type.Optional(WireAmount),
    policyLocator: Type.Optional(Reference),
    paymentLocator: Type.Optional(Reference),
    invoiceLocator: Type.Optional(Reference),
  },
  { title: 'JournalLine', oneOf: [{ required: ['debit'] }, { required: ['credit'] }] },
);

/** Balanced: per currency the debits of an entry equal its credits. */
export const JournalEntryData = Type.Object(
  {
    entryId: Id,
    seq: Type.Integer({ minimum: 1 }),
    kind: Code,
    effectiveDate: LocalDate,
    /** Where its month was closed before it came: the date that it would have had. */
    originalEffectiveDate: Type.Optional(LocalDate),
    source: Type.Object({ type: Code, id: Type.String({ minLength: 1 }) }),
    reverses: Type.Optional(Id),
    lines: Type.Array(JournalLine, { minItems: 2 }),
  },
  { title: 'JournalEntry' },
);
export type JournalEntryData = Static<typeof JournalEntryData>;

const dimensions = { policyLocator: story.policyLocator, paymentLocator: story.paymentLocator };

export const reconciliationEvents = define('RECONCILIATION', 'reconciliation', {
  'journal_entry.posted': event('A balanced entry was posted to the ledger.', JournalEntryData, {
    entryId: story.entryId,
    seq: 1,
    kind: 'payment_posted',
    effectiveDate: '2025-01-01',
    source: { type: 'payment.posted', id: story.eventId },
    lines: [
      { account: '1100', debit: usd(2567), ...dimensions },
      { account: '2100', credit: usd(2567), ...dimensions },
    ],
  }),
});
