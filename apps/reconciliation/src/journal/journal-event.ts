import type { EventData } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { BookedEntry, JournalLine } from '../domain/entry.ts';

/** An entry is never changed, so its first event is its last. */
export function toEvent(entry: BookedEntry, cause: QuittanceEvent | undefined): NewEvent<'journal_entry.posted'> {
  const { tenantId, id, seq, kind, source, effectiveOn, originalEffectiveOn, reverses, postedAt, lines } = entry;
  const data: EventData<'journal_entry.posted'> = {
    entryId: id,
    seq,
    kind,
    effectiveDate: effectiveOn,
    ...(originalEffectiveOn ? { originalEffectiveDate: originalEffectiveOn } : {}),
    source,
    ...(reverses ? { reverses } : {}),
    lines: lines.map(lineData),
  };
  return { type: 'journal_entry.posted', tenantId, subject: id, sequence: 1, data, time: postedAt, cause };
}

function lineData(line: JournalLine): EventData<'journal_entry.posted'>['lines'][number] {
  const { account, amount, currency, policyLocator, paymentLocator, invoiceLocator } = line;
  const minor = amount < 0n ? -amount : amount;
  const wire = toWire({ minor, currency });
  return {
    account,
    ...(amount > 0n ? { debit: wire } : { credit: wire }),
    ...(policyLocator ? { policyLocator } : {}),
    ...(paymentLocator ? { paymentLocator } : {}),
    ...(invoiceLocator ? { invoiceLocator } : {}),
  };
}
