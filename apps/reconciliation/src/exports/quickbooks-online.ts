import type { BookedEntry } from '../domain/entry.ts';
import { accountIn, byCurrency, decimal, nameOf, narrationOf } from './gl-book.ts';
import type { GlBook, GlFile } from './gl-book.ts';

/** What becomes one JournalEntry there: what was debited and credited to each account. */
interface Journal {
  readonly date: string;
  readonly currency: string;
  readonly docNumber: string;
  readonly note: string;
  readonly sides: readonly Side[];
}
interface Side {
  readonly account: string;
  readonly posting: 'Debit' | 'Credit';
  readonly minor: bigint;
}

/** QuickBooks Online, a JournalEntry a day and currency: the total of what each account was debited and credited. */
export function writeDailyQbo(book: GlBook): GlFile[] {
  const days = [...Map.groupBy(book.entries, ({ effectiveOn }) => effectiveOn)].sort(([a], [b]) => (a < b ? -1 : 1));
  const journals = days.flatMap(([date, entries]) =>
    byCurrency(entries.flatMap(({ lines }) => lines)).map(([currency, lines]) => {
      const sides = lines.map(({ account, amount }) => sideOf(account, amount));
      const note = `${entries.length} entries from ${entries[0]!.seq} on`;
      return { date, currency, docNumber: dailyNumber(date, currency, entries), note, sides: totals(sides) };
    }),
  );
  return [fileOf(book, journals)];
}

/** A JournalEntry for each entry and currency, line by line. */
export function writeDetailedQbo(book: GlBook): GlFile[] {
  const journals = book.entries.flatMap((entry) =>
    byCurrency(entry.lines).map(([currency, lines]) => ({
      ...{ date: entry.effectiveOn, currency, docNumber: `${entry.seq}-${currency}`, note: narrationOf(entry) },
      sides: lines.map(({ account, amount }) => sideOf(account, amount)),
    })),
  );
  return [fileOf(book, journals)];
}

function fileOf(book: GlBook, journals: readonly Journal[]): GlFile {
  const text = `[\n${journals.map((journal) => textOf(book, journal)).join(',\n')}\n]\n`;
  return { extension: 'json', contentType: 'application/json; charset=utf-8', text };
}

/** An amount is written as its digits are, since no float has them; there are no negative ones. */
function textOf(book: GlBook, { date, currency, docNumber, note, sides }: Journal): string {
  const lines = sides.map(({ account, posting, minor }) => {
    const accountRef = { value: account, name: nameOf(accountIn(book, account)) };
    const detail = JSON.stringify({ PostingType: posting, AccountRef: accountRef });
    const amount = decimal(minor, currency);
    return `{"Amount":${amount},"DetailType":"JournalEntryLineDetail","JournalEntryLineDetail":${detail}}`;
  });
  const head = { TxnDate: date, DocNumber: docNumber, PrivateNote: note, CurrencyRef: { value: currency } };
  return `${JSON.stringify(head).slice(0, -1)},"Line":[${lines.join(',')}]}`;
}

function sideOf(account: string, amount: bigint): Side {
  return amount > 0n ? { account, posting: 'Debit', minor: amount } : { account, posting: 'Credit', minor: -amount };
}

function totals(sides: readonly Side[]): Side[] {
  const byAccount = new Map<string, Side>();
  for (const side of sides) {
    const key = `${side.account} ${side.posting}`;
    byAccount.set(key, { ...side, minor: (byAccount.get(key)?.minor ?? 0n) + side.minor });
  }
  return [...byAccount].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, side]) => side);
}

/** At most 21 characters, and no other export of later entries has it: the first entry of the day is in it. */
function dailyNumber(date: string, currency: string, entries: readonly BookedEntry[]): string {
  return `${date.replaceAll('-', '')}-${currency}-${entries[0]!.seq.toString(36)}`;
}
