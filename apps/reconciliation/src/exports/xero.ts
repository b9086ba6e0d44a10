import type { BookedEntry, JournalLine } from '../domain/entry.ts';
import { csvRow, safeText } from './cells.ts';
import { byCurrency, decimal, narrationOf } from './gl-book.ts';
import type { GlBook, GlFile } from './gl-book.ts';

/** Xero takes no more lines a file, of which one is the heading. */
export const XERO_LINES_MAX = 300;

const HEADING = [
  ...['*Narration', '*Date', 'Description', '*AccountCode', '*TaxRate', '*Amount'],
  ...['TrackingName1', 'TrackingOption1', 'TrackingName2', 'TrackingOption2'],
];

/**
 * Manual journals of Xero. Rows of one narration and date are one journal there, so a narration is one entry's, and no
 * entry is divided between two files. A journal has one currency: a file has, too.
 */
export function writeXero({ entries }: GlBook): GlFile[] {
  const journals = entries.flatMap((entry) =>
    byCurrency(entry.lines).map(([currency, lines]) => ({ currency, rows: rowsOf(entry, fitting(lines)) })),
  );
  const currencies = [...Map.groupBy(journals, ({ currency }) => currency)].sort(([a], [b]) => (a < b ? -1 : 1));
  return currencies.flatMap(([, ofCurrency]) => filesOf(ofCurrency.map(({ rows }) => rows)));
}

function filesOf(journals: readonly (readonly string[][])[]): GlFile[] {
  const files: string[][][] = [];
  for (const rows of journals) {
    const file = files.at(-1);
    if (file && file.length + rows.length < XERO_LINES_MAX) file.push(...rows);
    else files.push([...rows]);
  }
  return files.map((rows) => ({
    extension: 'csv',
    contentType: 'text/csv; charset=utf-8',
    text: [HEADING, ...rows].map(csvRow).join(''),
  }));
}

function rowsOf(entry: BookedEntry, lines: readonly JournalLine[]): string[][] {
  const narration = safeText(narrationOf(entry));
  const [year, month, day] = entry.effectiveOn.split('-');
  return lines.map(({ account, amount, currency, policyLocator, invoiceLocator, paymentLocator }) => {
    const about = [policyLocator, invoiceLocator, paymentLocator].filter((value) => value !== null).join(' ');
    const date = `${day}/${month}/${year}`;
    return [narration, date, safeText(about), account, 'Tax Exempt', decimal(amount, currency), '', '', '', ''];
  });
}

/** An entry of more lines than a file may have is told by account: it cannot be divided and balance in both parts. */
function fitting(lines: readonly JournalLine[]): readonly JournalLine[] {
  if (lines.length < XERO_LINES_MAX) return lines;
  const nothing = { policyLocator: null, invoiceLocator: null, paymentLocator: null };
  return [...Map.groupBy(lines, ({ account }) => account).values()]
    .map((ofAccount) => ({
      ...ofAccount[0]!,
      ...nothing,
      amount: ofAccount.reduce((sum, { amount }) => sum + amount, 0n),
    }))
    .filter(({ amount }) => amount !== 0n);
}
