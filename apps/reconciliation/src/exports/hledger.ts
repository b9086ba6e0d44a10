import { exponentOf } from '@quittance/money/currency';
import type { BookedEntry, JournalLine } from '../domain/entry.ts';
import type { AccountType } from '../domain/chart.ts';
import { accountIn, decimal } from './gl-book.ts';
import type { GlBook, GlFile } from './gl-book.ts';

const roots: Readonly<Record<AccountType, string>> = {
  asset: 'assets',
  liability: 'liabilities',
  revenue: 'revenues',
  expense: 'expenses',
};

/**
 * A journal for hledger and ledger, in the order of effective dates; the date of booking is the secondary one. Strict:
 * every account and commodity is declared. Where the books are whole, each day ends with the balances as they then are.
 */
export function writeHledger(book: GlBook): GlFile[] {
  const entries = book.entries.toSorted((a, b) => compare(a.effectiveOn, b.effectiveOn) || a.seq - b.seq);
  const currencies = new Set(entries.flatMap(({ lines }) => lines.map(({ currency }) => currency)));
  const codes = new Set(entries.flatMap(({ lines }) => lines.map(({ account }) => account)));
  const declared = [
    ...[...currencies].sort().map((currency) => `commodity ${sampleOf(currency)} ${currency}\n`),
    ...[...codes].sort().map((code) => `account ${pathOf(book, code)}\n`),
  ];
  const days = [...Map.groupBy(entries, ({ effectiveOn }) => effectiveOn)];
  const balances = new Map<string, bigint>();
  const texts = days.flatMap(([day, ofDay]) => [
    ...ofDay.map((entry) => transaction(book, entry)),
    ...(book.isFromStart ? [assertions(book, day, addUp(balances, ofDay))] : []),
  ]);
  const text = [...declared, '\n', ...texts].join('');
  return [{ extension: 'journal', contentType: 'text/plain; charset=utf-8', text }];
}

function transaction(book: GlBook, { id, seq, kind, source, effectiveOn, postedAt, lines }: BookedEntry): string {
  const head = `${effectiveOn}=${postedAt.toISOString().slice(0, 10)} (${seq}) ${kind}`;
  const tags = `; entry:${id}, source:${tag(`${source.type}/${source.id}`)}`;
  return `${head}  ${tags}\n${lines.map((line) => posting(book, line)).join('')}\n`;
}

function posting(book: GlBook, { account, amount, currency, ...about }: JournalLine): string {
  const { policyLocator: policy, paymentLocator: payment, invoiceLocator: invoice } = about;
  const tags = Object.entries({ policy, payment, invoice }).flatMap(([name, value]) =>
    value === null ? [] : [`${name}:${tag(value)}`],
  );
  const comment = tags.length > 0 ? `  ; ${tags.join(', ')}` : '';
  return `    ${pathOf(book, account)}  ${decimal(amount, currency)} ${currency}${comment}\n`;
}

/** Says what each account that the day touched comes to, so that a reader finds out if a line is lost or changed. */
function assertions(book: GlBook, day: string, touched: [account: string, currency: string, minor: bigint][]): string {
  const lines = touched.map(([account, currency, minor]) => {
    const [nothing, balance] = [0n, minor].map((each) => `${decimal(each, currency)} ${currency}`);
    return `    ${pathOf(book, account)}  ${nothing} = ${balance}\n`;
  });
  return `${day} balances\n${lines.join('')}\n`;
}

function addUp(balances: Map<string, bigint>, entries: readonly BookedEntry[]): [string, string, bigint][] {
  const touched = new Set<string>();
  for (const { account, currency, amount } of entries.flatMap(({ lines }) => lines)) {
    const key = `${account} ${currency}`;
    balances.set(key, (balances.get(key) ?? 0n) + amount);
    touched.add(key);
  }
  return [...touched].sort().map((key) => {
    const [account = '', currency = ''] = key.split(' ');
    return [account, currency, balances.get(key) ?? 0n];
  });
}

function pathOf(book: GlBook, code: string): string {
  const { type, role } = accountIn(book, code);
  return `${roots[type]}:${code} ${role.replaceAll('_', ' ')}`;
}

/** How an amount of the currency is written: with its decimals, and with a point even where there are none. */
function sampleOf(currency: string): string {
  return `1000.${'0'.repeat(exponentOf(currency))}`;
}

/** The value of a tag ends at a comma or at the end of the line: both, and what is not printable, percent-encoded. */
function tag(value: string): string {
  return value.replace(/[^\x21-\x7e]|[%,]/gu, encodeURIComponent);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
