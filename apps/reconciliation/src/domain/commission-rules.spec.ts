import fc from 'fast-check';
import { money } from '@quittance/money/money';
import { commissionMoved, shareEarned } from './commission-rules.ts';
import type { CommissionMove, SharedInvoice } from './commission-rules.ts';
import { defaultLedgerSettings } from './rule-set.ts';
import type { LedgerSettings } from './rule-set.ts';

const agency: LedgerSettings = { ruleSet: 'agency_bill', commissionPpm: 0, earning: 'off' };
const book = (move: CommissionMove, minor: bigint, settings: LedgerSettings) =>
  commissionMoved(move, { amount: money(minor, 'USD') }, settings).map(({ account, amount }) => [account, amount]);

it.each<[string, CommissionMove, bigint, LedgerSettings, [string, bigint][]]>([
  ['reserved, a carrier', 'reserved', 15_000n, defaultLedgerSettings, []],
  ['clawed back, a carrier', 'clawed_back', -11_301n, defaultLedgerSettings, []],
  [
    'earned, a carrier',
    ...(['earned', 15_000n, defaultLedgerSettings] as const),
    [
      ['5010', 15_000n],
      ['2200', -15_000n],
    ],
  ],
  [
    'earned no more, a carrier',
    ...(['earned', -11_301n, defaultLedgerSettings] as const),
    [
      ['5010', -11_301n],
      ['2200', 11_301n],
    ],
  ],
  [
    'paid out, a carrier',
    ...(['paid', 15_000n, defaultLedgerSettings] as const),
    [
      ['2200', 15_000n],
      ['1010', -15_000n],
    ],
  ],
  [
    'reserved, an agency',
    ...(['reserved', 15_000n, agency] as const),
    [
      ['2020', 15_000n],
      ['2150', -15_000n],
    ],
  ],
  [
    'clawed back, an agency',
    ...(['clawed_back', -11_301n, agency] as const),
    [
      ['2020', -11_301n],
      ['2150', 11_301n],
    ],
  ],
  [
    'earned, an agency',
    ...(['earned', 15_000n, agency] as const),
    [
      ['2150', 15_000n],
      ['4100', -15_000n],
    ],
  ],
  [
    'swept out of the trust, an agency',
    ...(['paid', 15_000n, agency] as const),
    [
      ['1010', 15_000n],
      ['1020', -15_000n],
    ],
  ],
  ['earned, an agency whose share is a setting', 'earned', 15_000n, { ...agency, commissionPpm: 150_000 }, []],
])('commission %s', (_name, move, minor, settings, expected) => {
  expect(book(move, minor, settings)).toEqual(expected);
});

it('a share is earned as its invoice is paid, and whole when all of it is', () => {
  const cents = fc.bigInt({ min: 1n, max: 1_000_000n });
  fc.assert(
    fc.property(
      fc.array(cents, { minLength: 1, maxLength: 12 }),
      fc.bigInt({ min: 0n, max: 1_000_000n }),
      (parts, ppm) => {
        const totalMinor = parts.reduce((sum, part) => sum + part, 0n);
        const commissionMinor = (totalMinor * ppm) / 1_000_000n;
        let invoice: SharedInvoice = { commissionMinor, totalMinor, paidMinor: 0n, deferredMinor: commissionMinor };
        for (const part of parts) {
          const earned = shareEarned(invoice, part);
          expect(earned >= 0n).toBe(true);
          const { paidMinor, deferredMinor } = invoice;
          invoice = { ...invoice, paidMinor: paidMinor + part, deferredMinor: deferredMinor - earned };
        }
        expect(invoice.deferredMinor).toBe(0n);
      },
    ),
    { numRuns: 50 },
  );
});
