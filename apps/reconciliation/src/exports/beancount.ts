import type { AccountType } from '../domain/chart.ts';
import type { BookedEntry, JournalLine } from '../domain/entry.ts';
import { accountIn, decimal } from './gl-book.ts';
import type { GlAccount, GlBook, GlFile } from './gl-book.ts';

const roots: Readonly<Record<AccountType, string>> = {
  asset: 'Assets',
  liability: 'Liabilities',
  revenue: 'Income',
  expense: 'Expenses',
};

/** A file that stands for itself: it opens what it uses on the first of its days. */
export function writeBeancount(book: GlBook): GlFile[] {
  const { entries } = book;
  const first = entries.map(({ effectiveOn }) => effectiveOn).reduce((a, b) => (a < b ? a : b), '9999-12-31');
  const codes = new Set(entries.flatMap(({ lines }) => lines.map(({ account }) => account)));
  const opened = [...codes].sort().map((code) => `${first} open ${accountName(accountIn(book, code))}\n`);
  const text = [...opened, '\n', ...entries.map((entry) => transaction(book, entry))].join('');
  return [{ extension: 'beancount', contentType: 'text/plain; charset=utf-8', text }];
}

function transaction(book: GlBook, { id, seq, kind, source, effectiveOn, postedAt, lines }: BookedEntry): string {
  const about = { seq: String(seq), source: `${source.type}/${source.id}`, posted: postedAt.toISOString() };
  return [
    `${effectiveOn} * ${quoted(kind)} ${quoted(id)}\n`,
    ...metadata('  ', about),
    ...lines.map((line) => posting(book, line)),
    '\n',
  ].join('');
}

function posting(book: GlBook, { account, amount, currency, ...about }: JournalLine): string {
  const { policyLocator: policy, paymentLocator: payment, invoiceLocator: invoice } = about;
  const line = `  ${accountName(accountIn(book, account))}  ${decimal(amount, currency)} ${currency}\n`;
  return [line, ...metadata('    ', { policy, payment, invoice })].join('');
}

function metadata(indent: string, about: Record<string, string | null>): string[] {
  return Object.entries(about).flatMap(([name, value]) =>
    value === null ? [] : [`${indent}${name}: ${quoted(value)}\n`],
  );
}

/** Every part of a name begins with a capital or a digit. */
function accountName({ code, role, type }: GlAccount): string {
  const words = role.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${roots[type]}:${[code, ...words].join('-')}`;
}

function quoted(text: string): string {
  const onOneLine = text.replace(/\p{Cc}/gu, ' ');
  return `"${onOneLine.replace(/["\\]/g, String.raw`\$&`)}"`;
}
