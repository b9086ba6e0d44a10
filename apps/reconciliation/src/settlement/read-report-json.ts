import { isCurrency } from '@quittance/money/currency';
import { DomainError } from '../domain/errors.ts';
import { categoryOf } from '../domain/payout.ts';
import type { ReportLine } from '../domain/payout.ts';

/** A balance transaction as a processor's API lists it: amounts in minor units, instants in seconds. */
interface Transaction {
  readonly id?: unknown;
  readonly reporting_category?: unknown;
  readonly currency?: unknown;
  readonly amount?: unknown;
  readonly fee?: unknown;
  readonly net?: unknown;
  readonly source?: unknown;
  readonly payout?: unknown;
  readonly available_on?: unknown;
  readonly created?: unknown;
}

/**
 * A list of balance transactions as JSON: `{ "data": [...] }` or the array itself.
 * @throws DomainError `file_unreadable` that names the transaction and its field
 */
export function readReportJson(text: string): ReportLine[] {
  const body = parsed(text);
  const data: unknown = Array.isArray(body) ? body : (body as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) throw new DomainError('file_unreadable', 'The field /data is no list of transactions.');
  return data.map((each: unknown, index) => lineOf((each ?? {}) as Transaction, index));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new DomainError('file_unreadable', 'The file is no JSON, or not whole.');
  }
}

function lineOf(transaction: Transaction, index: number): ReportLine {
  const bad = (field: string, what: string) =>
    new DomainError('file_unreadable', `The field /data/${index}/${field} ${what}.`, {
      pointer: `/data/${index}/${field}`,
    });
  const text = (field: 'id' | 'reporting_category' | 'currency') => {
    const value = transaction[field];
    if (typeof value !== 'string' || value === '' || value.length > 200) throw bad(field, 'is no text');
    return value;
  };
  const minor = (field: 'amount' | 'fee' | 'net') => {
    const value = transaction[field];
    if (!Number.isSafeInteger(value)) throw bad(field, 'is no whole number of minor units');
    return BigInt(value as number);
  };
  const currency = text('currency').toUpperCase();
  if (!isCurrency(currency)) throw bad('currency', 'is no currency');
  const reportedCategory = text('reporting_category').toLowerCase().slice(0, 64);
  return {
    ...{ line: index + 1, id: text('id'), currency, reportedCategory, category: categoryOf(reportedCategory) },
    ...{ gross: minor('amount'), fee: minor('fee'), net: minor('net') },
    references: namesIn(transaction.source),
    payout: nameOf(transaction.payout),
    arrivesOn: dayOf(transaction.available_on),
    createdOn: dayOf(transaction.created),
  };
}

/** The source is an id, or the object itself where the list was asked for with it expanded. */
function namesIn(source: unknown): string[] {
  const { payment_intent: intent, charge } = (typeof source === 'object' ? (source ?? {}) : {}) as Record<
    string,
    unknown
  >;
  const names = [nameOf(intent), nameOf(source), nameOf(charge)].filter((name) => name !== null);
  return [...new Set(names)];
}

function nameOf(value: unknown): string | null {
  const id = typeof value === 'object' ? (value as { id?: unknown } | null)?.id : value;
  return typeof id === 'string' && id !== '' ? id.slice(0, 200) : null;
}

function dayOf(seconds: unknown): string | null {
  const isInstant = typeof seconds === 'number' && seconds > 0 && seconds < 253_402_300_800;
  return isInstant ? new Date(seconds * 1_000).toISOString().slice(0, 10) : null;
}
