import fc from 'fast-check';
import { chart } from '../domain/chart.ts';
import type { BookedEntry, JournalLine } from '../domain/entry.ts';
import { csvRow, safeText } from './cells.ts';
import { decimal } from './gl-book.ts';
import type { GlBook } from './gl-book.ts';
import { writerOf } from './writers.ts';
import type { ExportDetail, ExportFormat } from './writers.ts';
import { XERO_LINES_MAX } from './xero.ts';

const accounts = new Map(chart.map((account) => [account.code, account]));
const book = (entries: readonly BookedEntry[], isFromStart = true): GlBook => ({ entries, accounts, isFromStart });
const write = (of: GlBook, format: ExportFormat, detail: ExportDetail = 'daily') =>
  writerOf(format, detail)(of).map(({ text }) => text);

const about = { policyLocator: null, paymentLocator: null, invoiceLocator: null };
const line = (account: string, amount: bigint, currency = 'USD', more: Partial<JournalLine> = {}): JournalLine => ({
  ...about,
  ...{ account, amount, currency },
  ...more,
});
function entry(seq: number, lines: readonly JournalLine[], more: Partial<BookedEntry> = {}): BookedEntry {
  const id = `0194205c-2c00-7000-8000-${String(seq).padStart(12, '0')}`;
  return {
    ...{ tenantId: 'tenant', id, seq, kind: 'invoice_issued', source: { type: 'invoice', id: `I${seq}` } },
    ...{ effectiveOn: '2025-01-01', postedAt: new Date('2025-01-02T03:04:05Z'), reverses: null, lines },
    originalEffectiveOn: null,
    ...more,
  };
}
const story = book([
  entry(7, [
    line('1200', 2567n, 'USD', { policyLocator: 'HO, 1', invoiceLocator: '=1+1' }),
    line('2010', -2334n),
    line('2300', -233n),
  ]),
  entry(9, [line('1100', 2567n), line('2100', -2567n)], {
    kind: 'payment_posted',
    source: { type: 'payment', id: 'P9' },
    effectiveOn: '2025-01-03',
  }),
]);

describe('the story as', () => {
  it('hledger', () => {
    expect(write(story, 'hledger')).toEqual([
      `commodity 1000.00 USD
account assets:1100 clearing card
account assets:1200 premium receivable
account liabilities:2010 unearned premium
account liabilities:2100 unapplied cash
account liabilities:2300 taxes payable

2025-01-01=2025-01-02 (7) invoice_issued  ; entry:0194205c-2c00-7000-8000-000000000007, source:invoice/I7
    assets:1200 premium receivable  25.67 USD  ; policy:HO%2C%201, invoice:=1+1
    liabilities:2010 unearned premium  -23.34 USD
    liabilities:2300 taxes payable  -2.33 USD

2025-01-01 balances
    assets:1200 premium receivable  0.00 USD = 25.67 USD
    liabilities:2010 unearned premium  0.00 USD = -23.34 USD
    liabilities:2300 taxes payable  0.00 USD = -2.33 USD

2025-01-03=2025-01-02 (9) payment_posted  ; entry:0194205c-2c00-7000-8000-000000000009, source:payment/P9
    assets:1100 clearing card  25.67 USD
    liabilities:2100 unapplied cash  -25.67 USD

2025-01-03 balances
    assets:1100 clearing card  0.00 USD = 25.67 USD
    liabilities:2100 unapplied cash  0.00 USD = -25.67 USD

`,
    ]);
    expect(write({ ...story, isFromStart: false }, 'hledger')[0]).not.toContain('balances');
  });

  it('beancount', () => {
    expect(write(book(story.entries.slice(1)), 'beancount')).toEqual([
      `2025-01-03 open Assets:1100-Clearing-Card
2025-01-03 open Liabilities:2100-Unapplied-Cash

2025-01-03 * "payment_posted" "0194205c-2c00-7000-8000-000000000009"
  seq: "9"
  source: "payment/P9"
  posted: "2025-01-02T03:04:05.000Z"
  Assets:1100-Clearing-Card  25.67 USD
  Liabilities:2100-Unapplied-Cash  -25.67 USD

`,
    ]);
  });

  it('IIF', () => {
    expect(write(book(story.entries.slice(1)), 'iif')[0]!.split('\r\n')).toEqual([
      '!TRNS\tTRNSTYPE\tDATE\tACCNT\tAMOUNT\tDOCNUM\tMEMO',
      '!SPL\tTRNSTYPE\tDATE\tACCNT\tAMOUNT\tDOCNUM\tMEMO',
      '!ENDTRNS',
      'TRNS\tGENERAL JOURNAL\t01/03/2025\t1100 Clearing card\t25.67\t9\t9 payment_posted payment P9 USD',
      'SPL\tGENERAL JOURNAL\t01/03/2025\t2100 Unapplied cash\t-25.67\t9\t9 payment_posted payment P9 USD',
      'ENDTRNS',
      '',
    ]);
  });

  it('QuickBooks Online, by day', () => {
    const [text] = write(book([...story.entries, entry(10, [line('1200', 1n), line('1200', -1n)])]), 'qbo');
    expect(JSON.parse(text!)).toMatchObject([
      {
        ...{ TxnDate: '2025-01-01', DocNumber: '20250101-USD-7', PrivateNote: '2 entries from 7 on' },
        CurrencyRef: { value: 'USD' },
        Line: [
          { Amount: 0.01, JournalEntryLineDetail: { PostingType: 'Credit', AccountRef: { value: '1200' } } },
          { Amount: 25.68, JournalEntryLineDetail: { PostingType: 'Debit', AccountRef: { value: '1200' } } },
          { Amount: 23.34, JournalEntryLineDetail: { PostingType: 'Credit', AccountRef: { value: '2010' } } },
          { Amount: 2.33, DetailType: 'JournalEntryLineDetail' },
        ],
      },
      { TxnDate: '2025-01-03', DocNumber: '20250103-USD-9' },
    ]);
  });

  it('Xero', () => {
    expect(
      write(book(story.entries.slice(0, 1)), 'xero')[0]!
        .split('\r\n')
        .slice(1, 3),
    ).toEqual([
      `7 invoice_issued invoice I7,01/01/2025,"HO, 1 =1+1",1200,Tax Exempt,25.67,,,,`,
      '7 invoice_issued invoice I7,01/01/2025,,2010,Tax Exempt,-23.34,,,,',
    ]);
  });

  it('a table', () => {
    const id = '0194205c-2c00-7000-8000-000000000007';
    expect(write(story, 'csv')[0]!.split('\r\n').slice(0, 3)).toEqual([
      'entry_id,line,effective_date,posted_at,account_code,debit,credit,currency,policy,invoice,payment,' +
        'source_type,source_id,kind,seq,reverses',
      `${id},1,2025-01-01,2025-01-02T03:04:05.000Z,1200,25.67,0.00,USD,"HO, 1",'=1+1,,invoice,I7,invoice_issued,7,`,
      `${id},2,2025-01-01,2025-01-02T03:04:05.000Z,2010,0.00,23.34,USD,,,,invoice,I7,invoice_issued,7,`,
    ]);
  });
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('%j in a cell is a text', (text) => {
  expect(safeText(text)).toBe(`'${text}`);
});

it('an amount that begins with a minus stays a number', () => {
  expect(csvRow(['-25.67', safeText('-25.67')])).toBe(`-25.67,'-25.67\r\n`);
});

it('Xero gets no file of more than 300 lines, and no entry in two of them', () => {
  const many = Array.from({ length: 200 }, (_, n) => entry(n + 1, [line('1100', 5n), line('2100', -5n)]));
  const large = entry(
    500,
    Array.from({ length: 400 }, (_, n) => line(n % 2 ? '1200' : '2100', n % 2 ? -3n : 3n)),
  );
  const files = write(book([...many, large, entry(501, [line('1100', 5n, 'EUR'), line('2100', -5n, 'EUR')])]), 'xero');
  const rows = files.map((text) => text.trimEnd().split('\r\n').slice(1));
  expect(rows.map(({ length }) => length)).toEqual([2, 298, 104]);
  expect(Math.max(...rows.map(({ length }) => length)) + 1).toBeLessThanOrEqual(XERO_LINES_MAX);
  expect(rows[2]!.slice(-2).map((row) => row.split(',')[5])).toEqual(['6.00', '-6.00']);
});

const codes = chart.map(({ code }) => code);
const anyText = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' });
const balancedLines = fc
  .array(fc.record({ account: fc.constantFrom(...codes), minor: fc.bigInt(1n, 10n ** 12n), isDebit: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((parts) =>
    fc.tuple(fc.constant(parts), fc.constantFrom('USD', 'JPY', 'KWD'), fc.constantFrom(...codes), anyText),
  )
  .map(([parts, currency, other, policyLocator]) => {
    const lines = parts.map(({ account, minor, isDebit }) =>
      line(account, isDebit ? minor : -minor, currency, { policyLocator }),
    );
    const rest = lines.reduce((sum, { amount }) => sum + amount, 0n);
    return rest === 0n
      ? [...lines, line(other, 1n, currency), line(other, -1n, currency)]
      : [...lines, line(other, -rest, currency)];
  });
const anyBook = fc
  .array(
    fc.tuple(balancedLines, balancedLines, fc.integer({ min: 1, max: 28 }), anyText).map(([a, b, day, id]) => ({
      lines: [...a, ...b],
      effectiveOn: `2025-02-${String(day).padStart(2, '0')}`,
      source: { type: 'manual', id },
    })),
    { maxLength: 12 },
  )
  .map((all) => book(all.map(({ lines, ...more }, n) => entry(n + 1, lines, more))));

/** Minor units, read without a float. */
const minorOf = (text: string) => BigInt(text.replace('.', ''));
type Told = [account: string, currency: string, amount: bigint];
const told = ({ entries }: GlBook): Told[] =>
  entries.flatMap(({ lines }) => lines.map(({ account, currency, amount }): Told => [account, currency, amount]));
const inOrder = (all: readonly Told[]) => all.map(String).sort();
const sums = (all: readonly Told[]) => {
  const by = new Map<string, bigint>();
  for (const [account, currency, amount] of all) {
    const key = `${account} ${currency}`;
    by.set(key, (by.get(key) ?? 0n) + amount);
  }
  return Object.fromEntries([...by].filter(([, sum]) => sum !== 0n).sort());
};
const addsUp = (blocks: readonly Told[][]) =>
  blocks.every(
    (block) => Object.values(sums(block.map(([, currency, amount]) => ['', currency, amount]))).length === 0,
  );

/** Reads what was written by the rules of the format, not by those of the writer. */
const readers: Record<Exclude<ExportFormat, 'qbo'>, (text: string) => Told[][]> = {
  hledger: (text) => blocksOf(text, /^\d{4}.* \((\d+)\)/, /^ {4}\w+:(\d{4}) [^;]*? {2}(-?[\d.]+) ([A-Z]{3})(?!.* = )/),
  beancount: (text) => blocksOf(text, /^\d{4}-\d\d-\d\d \*/, /^ {2}\w+:(\d{4})-\S+ {2}(-?[\d.]+) ([A-Z]{3})$/),
  iif: (text) =>
    text
      .split('ENDTRNS\r\n')
      .slice(1, -1)
      .map((block) =>
        block
          .trimEnd()
          .split('\r\n')
          .map((row): Told => {
            const [, , , name = '', amount = '', , memo = ''] = row.split('\t');
            return [name.slice(0, 4), memo.slice(-3), minorOf(amount)];
          }),
      ),
  xero: (text) => {
    const rows = parseCsv(text).slice(1);
    const journals = Map.groupBy(rows, ([narration, date]) => `${narration} ${date}`);
    return [...journals.values()].map((all) => all.map((row): Told => [row[3]!, '', minorOf(row[5]!)]));
  },
  csv: (text) => {
    const entries = Map.groupBy(parseCsv(text).slice(1), ([id]) => id);
    return [...entries.values()].map((all) =>
      all.map((row): Told => [row[4]!, row[7]!, minorOf(row[5]!) - minorOf(row[6]!)]),
    );
  },
};
function blocksOf(text: string, head: RegExp, posting: RegExp): Told[][] {
  const blocks: Told[][] = [];
  for (const row of text.split('\n')) {
    if (head.test(row)) blocks.push([]);
    const [, account, amount, currency] = posting.exec(row) ?? [];
    if (account) blocks.at(-1)!.push([account, currency!, minorOf(amount!)]);
  }
  return blocks;
}
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe.each(['hledger', 'beancount', 'iif', 'xero', 'csv'] as const)('whatever is booked, %s', (format) => {
  it('has blocks that add up to zero, and read again they are the entries', () => {
    fc.assert(
      fc.property(anyBook, (of) => {
        const blocks = write(of, format).flatMap((text) => readers[format](text));
        expect(addsUp(blocks)).toBe(true);
        const expected = told(of).map(([account, currency, amount]): Told => [
          account,
          format === 'xero' ? '' : currency,
          amount,
        ]);
        expect(inOrder(blocks.flat())).toEqual(inOrder(expected));
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(['daily', 'entries'] as const)('whatever is booked, QuickBooks Online told %s', (detail) => {
  it('has journals that add up to zero, no amount below it, and accounts that add up to the books', () => {
    interface Journal {
      DocNumber: string;
      CurrencyRef: { value: string };
      Line: { Amount: string; JournalEntryLineDetail: { PostingType: string; AccountRef: { value: string } } }[];
    }
    fc.assert(
      fc.property(anyBook, (of) => {
        const text = write(of, 'qbo', detail)[0]!.replace(/"Amount":([\d.]+)/g, '"Amount":"$1"');
        const journals = JSON.parse(text) as Journal[];
        const blocks = journals.map(({ CurrencyRef, Line }) =>
          Line.map(({ Amount, JournalEntryLineDetail: { PostingType, AccountRef } }): Told => {
            expect(minorOf(Amount) > 0n).toBe(true);
            return [AccountRef.value, CurrencyRef.value, PostingType === 'Debit' ? minorOf(Amount) : -minorOf(Amount)];
          }),
        );
        expect(addsUp(blocks)).toBe(true);
        expect(sums(blocks.flat())).toEqual(sums(told(of)));
        const numbers = journals.map(({ DocNumber }) => DocNumber);
        expect(new Set(numbers).size).toBe(numbers.length);
        expect(numbers.every(({ length }) => length <= 21)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

it('no cell of a table is a formula, whatever others named their things', () => {
  fc.assert(
    fc.property(fc.constantFrom('=', '+', '-', '@', '\t', '\r'), anyText, (first, rest) => {
      const of = book([
        entry(1, [line('1100', -5n, 'USD', { policyLocator: first + rest }), line('2100', 5n)], {
          source: { type: 'manual', id: first + rest },
        }),
      ]);
      const cells = ['csv', 'xero'].flatMap((format) => parseCsv(write(of, format as ExportFormat)[0]!).flat());
      const formulas = cells.filter((cell) => /^[=+\-@\t\r]/.test(cell));
      expect(formulas).toEqual([decimal(-5n, 'USD')]);
    }),
    { numRuns: 40 },
  );
});
