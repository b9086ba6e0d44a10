import { money } from '@quittance/money/money';
import { accountOf, chart } from './chart.ts';
import { DomainError } from './errors.ts';
import type { JournalLine } from './entry.ts';
import { allocationCreated, invoiceIssued, paymentPosted, suspenseOpened, writtenOff } from './posting-rules.ts';
import type { ChargeCategory, IssuedInvoice, PaymentMethod } from './posting-rules.ts';
import { defaultLedgerSettings } from './rule-set.ts';
import type { LedgerSettings } from './rule-set.ts';

const usd = (minor: bigint) => money(minor, 'USD');
const about = { policyLocator: 'policy', paymentLocator: 'payment', invoiceLocator: 'invoice' };
const amounts = (lines: JournalLine[]) => lines.map(({ account, amount }) => [account, amount]);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
  return 'nothing was thrown';
};

describe('the chart', () => {
  it('has each code and each role once, and finds a code by its role', () => {
    expect(new Set(chart.map(({ code }) => code)).size).toBe(chart.length);
    expect(new Set(chart.map(({ role }) => role)).size).toBe(chart.length);
    expect(accountOf('premium_receivable')).toBe('1200');
    expect(accountOf('unapplied_cash')).toBe('2100');
  });
});

describe('a posted payment', () => {
  const clearing: Record<PaymentMethod, string> = {
    card: '1100',
    ach: '1110',
    lockbox: '1120',
    check: '1120',
    cash: '1120',
    wire: '1120',
  };

  it.each(Object.entries(clearing))('by %s is Dr %s, Cr 2100', (method, account) => {
    const lines = paymentPosted({ amount: usd(2567n), method: method as PaymentMethod, ...about });
    expect(lines).toEqual([
      { account, amount: 2567n, currency: 'USD', ...about },
      { account: '2100', amount: -2567n, currency: 'USD', ...about },
    ]);
  });

  it('says null of what it does not know', () => {
    const [line] = paymentPosted({ amount: usd(1n), method: 'card' });
    expect(line).toMatchObject({ policyLocator: null, paymentLocator: null, invoiceLocator: null });
  });

  it.each([null, 'barter', 'toString'])('by %s has no account, and is refused rather than guessed', (method) => {
    const post = () => paymentPosted({ amount: usd(1n), method: method as PaymentMethod | null });
    expect(codeOf(post)).toBe('account_not_defined');
  });
});

describe('an issued invoice', () => {
  const issued = (invoice: Omit<IssuedInvoice, 'receivable'>, settings: LedgerSettings = defaultLedgerSettings) =>
    invoiceIssued({ receivable: 'other', ...invoice }, settings);
  const items = (parts: [ChargeCategory, bigint][]) =>
    parts.map(([category, minor]) => ({ category, amount: usd(minor) }));

  it('of the story is Dr 1200 25.67, Cr 2010 23.34, Cr 2300 2.33', () => {
    const lines = issued({
      ...{ total: usd(2567n), policyLocator: 'policy', invoiceLocator: 'invoice' },
      items: items([
        ['tax', 233n],
        ['premium', 2334n],
      ]),
    });
    expect(amounts(lines)).toEqual([
      ['1200', 2567n],
      ['2010', -2334n],
      ['2300', -233n],
    ]);
    expect(lines[0]).toMatchObject({ policyLocator: 'policy', invoiceLocator: 'invoice', paymentLocator: null });
  });

  it.each<[ChargeCategory, string]>([
    ['premium', '2010'],
    ['tax', '2300'],
    ['surcharge', '2300'],
    ['fee', '4020'],
  ])('credits %s to %s', (category, account) => {
    const lines = issued({ total: usd(100n), items: items([[category, 100n]]) });
    expect(amounts(lines)).toEqual([
      ['1200', 100n],
      [account, -100n],
    ]);
  });

  it('adds up what goes to one account and leaves out what is nothing', () => {
    const total = usd(107_500n);
    const parts: [ChargeCategory, bigint][] = [
      ['premium', 60_000n],
      ['premium', 40_000n],
      ['tax', 3_000n],
      ['surcharge', 2_000n],
      ['fee', 2_500n],
    ];
    expect(amounts(issued({ total, items: items(parts) }))).toEqual([
      ['1200', 107_500n],
      ['2010', -100_000n],
      ['2300', -5_000n],
      ['4020', -2_500n],
    ]);
    const free: [ChargeCategory, bigint][] = [
      ['premium', 0n],
      ['tax', 0n],
    ];
    expect(issued({ total: usd(0n), items: items(free) })).toEqual([]);
  });

  it('with a return of premium has debit and credit the other way round', () => {
    expect(amounts(issued({ total: usd(-100n), items: items([['premium', -100n]]) }))).toEqual([
      ['1200', -100n],
      ['2010', 100n],
    ]);
  });

  it('for trouble alone is Dr 1205, Cr 4030', () => {
    const fee = { total: usd(2500n), items: items([['fee', 2500n]]), receivable: 'fee' as const };
    expect(amounts(invoiceIssued(fee, defaultLedgerSettings))).toEqual([
      ['1205', 2500n],
      ['4030', -2500n],
    ]);
  });

  it("of an agency owes premium to the carrier, less the agency's share", () => {
    const whole: [ChargeCategory, bigint][] = [
      ['premium', 100_000n],
      ['tax', 5000n],
      ['fee', 2500n],
    ];
    const book = (commissionPpm: number) =>
      amounts(
        issued(
          { total: usd(107_500n), items: items(whole) },
          { ruleSet: 'agency_bill', commissionPpm, earning: 'off' },
        ),
      );
    expect(book(150_000)).toEqual([
      ['1200', 107_500n],
      ['2020', -85_000n],
      ['2150', -15_000n],
      ['2300', -5000n],
      ['4020', -2500n],
    ]);
    expect(book(0).slice(0, 2)).toEqual([
      ['1200', 107_500n],
      ['2020', -100_000n],
    ]);
  });

  it('does not mix currencies, and knows no other categories', () => {
    const parts = [...items([['premium', 1n]]), { category: 'premium' as const, amount: money(1n, 'EUR') }];
    expect(() => issued({ total: usd(2n), items: parts })).toThrow('do not mix');
    const odd = items([['tip' as ChargeCategory, 1n]]);
    expect(codeOf(() => issued({ total: usd(1n), items: odd }))).toBe('account_not_defined');
  });
});

describe('an allocation', () => {
  it('is Dr 2100, Cr 1200 for each invoice, or 1205 of a fee for trouble', () => {
    const lines = allocationCreated([
      { amount: usd(1000n), receivable: 'other', ...about },
      { amount: usd(567n), receivable: 'fee', ...about, invoiceLocator: 'other' },
    ]);
    expect(lines.map(({ account, amount, invoiceLocator }) => [account, amount, invoiceLocator])).toEqual([
      ['2100', 1000n, 'invoice'],
      ['1200', -1000n, 'invoice'],
      ['2100', 567n, 'other'],
      ['1205', -567n, 'other'],
    ]);
  });

  it('of nothing is nothing', () => {
    expect(allocationCreated([])).toEqual([]);
    expect(allocationCreated([{ amount: usd(0n), receivable: 'other', ...about }])).toEqual([]);
  });
});

describe('suspense', () => {
  it('is Dr 2100, Cr 2110', () => {
    expect(amounts(suspenseOpened({ amount: usd(2567n), paymentLocator: 'payment' }))).toEqual([
      ['2100', 2567n],
      ['2110', -2567n],
    ]);
  });
});

describe('a write-off', () => {
  it.each([
    ['manual', 'other', '5130', '1200'],
    ['tolerance', 'other', '5135', '1200'],
    ['manual', 'fee', '4030', '1205'],
    ['tolerance', 'fee', '5135', '1205'],
  ] as const)('%s of %s is Dr %s, Cr %s', (cause, receivable, debit, credit) => {
    const lines = writtenOff({ amount: usd(2567n), cause, receivable, policyLocator: 'policy' });
    expect(amounts(lines)).toEqual([
      [debit, 2567n],
      [credit, -2567n],
    ]);
  });
});
