import { money } from '@quittance/money/money';
import type { JournalEntry, JournalLine } from './entry.ts';
import {
  disbursementExecuted,
  disbursementRequested,
  disbursementStale,
  disputeLost,
  disputeOpened,
  paidIntoOf,
  refundSucceeded,
} from './money-out-rules.ts';
import type { RefundDestination } from './money-out-rules.ts';
import { paymentPosted, shortfallOpened } from './posting-rules.ts';

const usd = (minor: bigint) => money(minor, 'USD');
const about = { policyLocator: 'policy', paymentLocator: 'payment' };
const amounts = (lines: JournalLine[]) => lines.map(({ account, amount }) => [account, amount]);

describe('a refund', () => {
  it.each<[RefundDestination, string]>([
    ['original_method', '1110'],
    ['ach', '1110'],
    ['check', '1020'],
  ])('by %s is Dr 2100, Cr %s', (destination, account) => {
    const lines = refundSucceeded({ amount: usd(12_500n), destination, paidInto: '1110', ...about });
    expect(lines).toEqual([
      { account: '2100', amount: 12_500n, currency: 'USD', ...about, invoiceLocator: null },
      { account, amount: -12_500n, currency: 'USD', ...about, invoiceLocator: null },
    ]);
  });

  it('by a way that nobody knows has no account', () => {
    const post = () =>
      refundSucceeded({ amount: usd(1n), destination: 'barter' as RefundDestination, paidInto: '1100', ...about });
    expect(post).toThrow('no account for barter');
  });

  it('goes out by the account into which the payment came', () => {
    const lines = paymentPosted({ amount: usd(1n), method: 'ach', ...about });
    expect(paidIntoOf({ lines, source: { type: 'payment', id: 'payment' } } as unknown as JournalEntry)).toBe('1110');
  });
});

describe('a dispute of 1,075.00 with a fee of 15.00', () => {
  const dispute = { amount: usd(107_500n), fee: usd(1500n), paidInto: '1100', ...about };

  it('opened is Dr 1400 1,075.00, Dr 5125 15.00, Cr 1100 1,090.00', () => {
    expect(amounts(disputeOpened(dispute))).toEqual([
      ['1400', 107_500n],
      ['5125', 1500n],
      ['1100', -109_000n],
    ]);
  });

  it('without a fee has no line for it', () => {
    expect(amounts(disputeOpened({ ...dispute, fee: undefined }))).toEqual([
      ['1400', 107_500n],
      ['1100', -107_500n],
    ]);
  });

  it('lost is Dr 2100, Cr 1400; an inquiry, of which nothing was held, Cr 1100', () => {
    expect(amounts(disputeLost({ ...dispute, isHeld: true }))).toEqual([
      ['2100', 107_500n],
      ['1400', -107_500n],
    ]);
    expect(amounts(disputeLost({ ...dispute, isHeld: false }))).toEqual([
      ['2100', 107_500n],
      ['1100', -107_500n],
    ]);
  });
});

describe('a disbursement', () => {
  it.each<[string, JournalLine[], string, string]>([
    ['requested', disbursementRequested({ amount: usd(2000n), ...about }), '2100', '2310'],
    ['executed', disbursementExecuted({ amount: usd(2000n), isSetAside: true, ...about }), '2310', '1020'],
    ['of a refund', disbursementExecuted({ amount: usd(2000n), isSetAside: false, ...about }), '2100', '1020'],
    ['stale', disbursementStale({ amount: usd(2000n), ...about }), '1020', '2320'],
  ])('%s', (_name, lines, debit, credit) => {
    expect(amounts(lines)).toEqual([
      [debit, 2000n],
      [credit, -2000n],
    ]);
  });
});

it('a shortfall is Dr 1200, Cr 2100', () => {
  expect(amounts(shortfallOpened({ amount: usd(2000n), ...about }))).toEqual([
    ['1200', 2000n],
    ['2100', -2000n],
  ]);
});
