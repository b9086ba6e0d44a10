import { isCurrency } from '@quittance/money/currency';
import { MoneyError, parseAmount } from '@quittance/money/money';
import { categoryOf } from '../domain/payout.ts';
import type { ReportLine } from '../domain/payout.ts';
import { badLine, csvRows } from './csv.ts';
import type { CsvRow } from './csv.ts';

/** What a column may be called: reports of activity, of balance changes and of payouts each have names of their own. */
const columns = {
  id: ['balance_transaction_id', 'id'],
  category: ['reporting_category'],
  currency: ['currency'],
  gross: ['gross', 'amount'],
  fee: ['fee'],
  net: ['net'],
  payout: ['automatic_payout_id', 'payout_id'],
  arrives: ['automatic_payout_effective_at_utc', 'automatic_payout_effective_at', 'effective_at', 'available_on'],
  created: ['created_utc', 'created'],
} as const;
const references = ['payment_intent_id', 'refund_id', 'dispute_id', 'charge_id', 'source_id'];
const required = ['id', 'category', 'currency', 'gross', 'fee', 'net'] as const;

type Column = keyof typeof columns;
type Places = Readonly<Record<Column, number>> & { readonly references: readonly number[] };

/**
 * A processor's itemised report as CSV, with decimal amounts.
 * @throws DomainError `file_unreadable` that names the line and the column
 */
export function readReportCsv(text: string): ReportLine[] {
  let places: Places | undefined;
  const lines: ReportLine[] = [];
  for (const row of csvRows(text)) {
    if (places) lines.push(lineOf(row, places));
    else places = placesOf(row);
  }
  if (!places) throw badLine(1, 'has no names of columns');
  return lines;
}

export function looksLikeReport(head: string): boolean {
  const [first = ''] = head.split(/\r?\n/, 1);
  return /(^|[,"\uFEFF])reporting_category([,"]|$)/.test(first) && /(^|[,"\uFEFF])net([,"]|$)/.test(first);
}

function placesOf({ line, cells }: CsvRow): Places {
  const names = cells.map((cell) => cell.toLowerCase());
  const placeOf = (aliases: readonly string[]) =>
    aliases.map((alias) => names.indexOf(alias)).find((place) => place >= 0) ?? -1;
  const places = Object.fromEntries(Object.entries(columns).map(([column, aliases]) => [column, placeOf(aliases)]));
  const missing = required.filter((column) => places[column] === -1);
  if (missing.length > 0) throw badLine(line, `names no column for ${missing.join(', ')}`);
  const found = references.map((name) => names.indexOf(name)).filter((place) => place >= 0);
  return { ...(places as Record<Column, number>), references: found };
}

function lineOf({ line, cells }: CsvRow, places: Places): ReportLine {
  const cell = (column: Column) => cells[places[column]] ?? '';
  const currency = cell('currency').toUpperCase();
  if (!isCurrency(currency)) throw badLine(line, 'has no currency in its column currency');
  if (cell('id') === '') throw badLine(line, 'has nothing in its column id');
  const amount = (column: 'gross' | 'fee' | 'net') => amountOf({ line, column, currency, text: cell(column) });
  return {
    ...{ line, currency, id: cell('id') },
    reportedCategory: cell('category').toLowerCase().slice(0, 64),
    category: categoryOf(cell('category').toLowerCase()),
    ...{ gross: amount('gross'), fee: amount('fee'), net: amount('net') },
    references: [...new Set(places.references.map((place) => cells[place] ?? ''))].filter((text) => text !== ''),
    payout: cell('payout') || null,
    arrivesOn: dayOf(cell('arrives')),
    createdOn: dayOf(cell('created')),
  };
}

function amountOf({ line, column, currency, text }: { line: number; column: string; currency: string; text: string }) {
  try {
    return parseAmount(text, currency).minor;
  } catch (error) {
    if (error instanceof MoneyError) throw badLine(line, `has no amount of ${currency} in its column ${column}`);
    throw error;
  }
}

function dayOf(text: string): string | null {
  const day = /^\d{4}-\d\d-\d\d/.exec(text)?.[0];
  return day !== undefined && !Number.isNaN(Date.parse(`${day}T00:00:00Z`)) ? day : null;
}
