import { csvRow, safeText } from './cells.ts';
import { decimal } from './gl-book.ts';
import type { GlBook, GlFile } from './gl-book.ts';

const HEADING = [
  ...['entry_id', 'line', 'effective_date', 'posted_at', 'account_code', 'debit', 'credit', 'currency'],
  ...['policy', 'invoice', 'payment', 'source_type', 'source_id', 'kind', 'seq', 'reverses'],
];

/** For any program that reads tables: a row a line of an entry. */
export function writeGlCsv({ entries }: GlBook): GlFile[] {
  const rows = entries.flatMap(({ id, seq, kind, source, effectiveOn, postedAt, reverses, lines }) =>
    lines.map(({ account, amount, currency, policyLocator, invoiceLocator, paymentLocator }, index) => [
      id,
      String(index + 1),
      effectiveOn,
      postedAt.toISOString(),
      account,
      decimal(amount > 0n ? amount : 0n, currency),
      decimal(amount < 0n ? -amount : 0n, currency),
      currency,
      ...[policyLocator, invoiceLocator, paymentLocator, source.type, source.id, kind].map((text) =>
        safeText(text ?? ''),
      ),
      String(seq),
      reverses ?? '',
    ]),
  );
  const text = [HEADING, ...rows].map(csvRow).join('');
  return [{ extension: 'csv', contentType: 'text/csv; charset=utf-8', text }];
}
