import { safeText, tabRow } from './cells.ts';
import { accountIn, byCurrency, decimal, nameOf, narrationOf } from './gl-book.ts';
import type { GlBook, GlFile } from './gl-book.ts';

const COLUMNS = ['TRNSTYPE', 'DATE', 'ACCNT', 'AMOUNT', 'DOCNUM', 'MEMO'];

/**
 * QuickBooks Desktop: a block an entry and currency, whose first line is TRNS and every other SPL; a debit is positive,
 * and a block adds up to zero. The names of accounts are code and name, and must be the same there.
 */
export function writeIif(book: GlBook): GlFile[] {
  const head = [['!TRNS', ...COLUMNS], ['!SPL', ...COLUMNS], ['!ENDTRNS']];
  const blocks = book.entries.flatMap((entry) =>
    byCurrency(entry.lines).flatMap(([currency, lines]) => [
      ...lines.map(({ account, amount }, index) => [
        index === 0 ? 'TRNS' : 'SPL',
        'GENERAL JOURNAL',
        americanDate(entry.effectiveOn),
        `${account} ${nameOf(accountIn(book, account))}`,
        decimal(amount, currency),
        String(entry.seq),
        safeText(`${narrationOf(entry)} ${currency}`),
      ]),
      ['ENDTRNS'],
    ]),
  );
  return [
    { extension: 'iif', contentType: 'text/plain; charset=utf-8', text: [...head, ...blocks].map(tabRow).join('') },
  ];
}

function americanDate(date: string): string {
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year}`;
}
