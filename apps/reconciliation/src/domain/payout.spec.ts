import { sortReport } from './payout-lines.ts';
import { categoryOf, judgePayout } from './payout.ts';
import type { CategorySum, ReportLine, SettlementCategory } from './payout.ts';
import { payoutCreated, payoutDeposited, processorFees } from './settlement-rules.ts';

const sum = (category: SettlementCategory, gross: bigint, fee = 0n, isAch = false): CategorySum => ({
  ...{ category, isAch, items: 1, gross, fee, net: gross - fee },
});
/** S-107: charges of 100, 200 and 700 at 2.9 % and 0.30 each, a refund of 50. */
const s107 = [
  sum('charge', 10_000n, 320n),
  sum('charge', 20_000n, 610n),
  sum('charge', 70_000n, 2_060n),
  sum('refund', -5_000n),
];
const judge = (declared: bigint | null, sums: readonly CategorySum[] = s107) =>
  judgePayout({ kind: 'automatic', declared, opening: 0n, sums });

it('S-107: fees of 29.90, and 920.10 are paid out', () => {
  expect(judge(92_010n)).toEqual({
    ...{ items: 4, gross: 100_000n, fees: 2_990n, refunds: 5_000n, disputes: 0n, other: 0n, net: 92_010n, offBy: 0n },
  });
});

it('S-108: 0.10 are missing of a payout of 920.00', () => {
  expect(judge(92_000n)).toMatchObject({ net: 92_000n, offBy: 10n });
  expect(judge(92_020n)).toMatchObject({ offBy: -10n });
});

it('takes the sum of the lines where the report has no line for the payout', () => {
  expect(judge(null)).toMatchObject({ net: 92_010n, offBy: 0n });
});

it('is off where a line contradicts itself', () => {
  expect(judge(null, [{ ...sum('charge', 100n, 3n), net: 96n }])).toMatchObject({ offBy: 1n });
});

it('counts a dispute and its fee apart, and what is nothing of all this', () => {
  const sums = [sum('charge', 10_000n, 320n), sum('dispute', -2_567n, 1_500n), sum('fee', -200n), sum('other', 7n)];
  expect(judge(null, sums)).toMatchObject({ gross: 10_000n, fees: 2_020n, disputes: 2_567n, other: 7n, net: 5_420n });
});

it.each([
  ['leaves something', 0n, 100n, 0n],
  ['takes all', 0n, 96n + 4n, 0n],
  ['takes what an earlier one left', 50n, 150n, 0n],
  ['takes what never came in', 50n, 151n, -1n],
])('a manual payout that %s', (_, opening, declared, offBy) => {
  const sums = [sum('charge', 103n, 3n)];
  expect(judgePayout({ kind: 'manual', declared, opening, sums }).offBy).toBe(offBy);
});

it('knows the categories of processors, and makes no guess', () => {
  const reported = [
    'charge',
    'payment',
    'refund_failure',
    'dispute_reversal',
    'network_cost',
    'payout',
    'topup',
    'toString',
  ];
  expect(reported.map(categoryOf)).toEqual([
    'charge',
    'charge',
    'refund',
    'dispute',
    'fee',
    'payout',
    'other',
    'other',
  ]);
});

describe('the books of a payout', () => {
  const inShort = (lines: ReturnType<typeof payoutCreated>) =>
    lines.map(({ account, amount }) => `${account} ${amount}`);
  const usd = (minor: bigint) => ({ minor, currency: 'USD' });

  it('empty the clearing account: S-107 debited 1000.00 and credited 50.00 before', () => {
    expect(inShort(processorFees(s107, 'USD')).filter((line) => line.startsWith('1100'))).toEqual([
      ...['1100 -320', '1100 -610', '1100 -2060'],
    ]);
    expect(inShort(payoutCreated(s107, usd(92_010n)))).toEqual(['1150 92010', '1100 -92010']);
    const clearing = 100_000n - 5_000n - 2_990n - 92_010n;
    expect(clearing).toBe(0n);
    expect(inShort(payoutDeposited(usd(92_010n)))).toEqual(['1020 92010', '1150 -92010']);
  });

  it('take ACH payments out of their own clearing account', () => {
    const sums = [sum('charge', 10_000n, 320n), sum('charge', 2_000n, 16n, true)];
    expect(inShort(payoutCreated(sums, usd(11_664n)))).toEqual(['1150 11664', '1100 -9680', '1110 -1984']);
    expect(inShort(processorFees(sums, 'USD'))).toEqual(['5110 320', '1100 -320', '5110 16', '1110 -16']);
  });

  it("leave a dispute's fee to the dispute, and take a fee that is a line of its own", () => {
    expect(inShort(processorFees([sum('dispute', -2_567n, 1_500n), sum('fee', -200n)], 'USD'))).toEqual([
      ...['5110 200', '1100 -200'],
    ]);
  });

  it('turn round when the processor takes money', () => {
    expect(inShort(payoutCreated([sum('refund', -500n)], usd(-500n)))).toEqual(['1150 -500', '1100 500']);
  });
});

describe('a report', () => {
  const line = (id: string, rest: Partial<ReportLine> = {}): ReportLine => ({
    ...{
      line: 1,
      id,
      reportedCategory: 'charge',
      category: 'charge',
      currency: 'USD',
      gross: 100n,
      fee: 0n,
      net: 100n,
    },
    ...{ references: [], payout: null, arrivesOn: null, createdOn: null, ...rest },
  });
  const payout = (id: string, net: bigint, rest: Partial<ReportLine> = {}) =>
    line(`txn_${id}`, { category: 'payout', gross: net, net, references: [id], ...rest });

  it('tells automatic payouts, which lines name, from manual ones, which none does', () => {
    const lines = [line('a', { payout: 'po_1', arrivesOn: '2025-01-03' }), payout('po_1', -100n), payout('po_2', -40n)];
    expect(sortReport(lines)).toEqual({
      items: [lines[0]],
      payouts: [
        { reference: 'po_1', kind: 'automatic', currency: 'USD', declared: 100n, arrivesOn: '2025-01-03' },
        { reference: 'po_2', kind: 'manual', currency: 'USD', declared: 40n, arrivesOn: null },
      ],
    });
  });

  it('keeps currencies apart, and takes a payout that failed back', () => {
    const eur = line('b', { payout: 'po_1', currency: 'EUR' });
    const { payouts } = sortReport([line('a', { payout: 'po_1' }), eur, payout('po_3', -40n), payout('po_3', 40n)]);
    expect(payouts.map(({ reference, currency, declared }) => [reference, currency, declared])).toEqual([
      ...[
        ['po_1', 'USD', null],
        ['po_1', 'EUR', null],
        ['po_3', 'USD', 0n],
      ],
    ]);
  });
});
