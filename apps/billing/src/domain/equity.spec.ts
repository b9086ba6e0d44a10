import fc from 'fast-check';
import { addDays } from './calendar.ts';
import type { ChargeSegment } from './earning.ts';
import { earnedOf, earnedOfAll } from './earning.ts';
import { equityOf, premiumPaid } from './equity.ts';

const term = { start: '2025-01-01', end: '2026-01-01' };
const premium: ChargeSegment = { category: 'premium', handling: 'proratable', amountMinor: 120_000n, coverage: term };
const change: ChargeSegment = { ...premium, amountMinor: 15_123n, coverage: { start: '2025-07-01', end: term.end } };
const equity = (paidMinor: bigint, on: string, segments: readonly ChargeSegment[] = [premium]) =>
  equityOf(segments, paidMinor, { term, on });

describe('equity', () => {
  it('S-57: 300.00 of 1,200.00 carry 91 days', () => {
    expect(equity(30_000n, '2025-04-02')).toEqual({
      paidMinor: 30_000n,
      earnedMinor: 29_918n,
      equityMinor: 82n,
      equityBasisPoints: 7n,
      equityOn: '2025-04-02',
    });
    expect(earnedOf(premium, '2025-04-03').earnedMinor).toBe(30_247n);
  });

  it('S-58: what went to a fee and a tax carries nothing', () => {
    const paid = premiumPaid([
      { category: 'fee', allocatedMinor: 2500n },
      { category: 'tax', allocatedMinor: 2000n },
      { category: 'premium', allocatedMinor: 25_500n },
    ]);
    const others = [
      { ...premium, category: 'tax' as const, amountMinor: 6000n },
      { ...premium, category: 'fee' as const, handling: 'fully_earned' as const, amountMinor: 2500n },
    ];
    expect(equity(paid, '2025-01-01', [premium, ...others]).equityOn).toBe('2025-03-19');
    expect(['2025-03-19', '2025-03-20'].map((on) => earnedOf(premium, on).earnedMinor)).toEqual([25_315n, 25_644n]);
  });

  it('S-59: cover that went on after it is owed', () => {
    expect(equity(30_000n, '2025-04-10')).toMatchObject({ earnedMinor: 32_548n, equityMinor: -2548n });
  });

  it('is over all changes of the term, and its end once all is paid', () => {
    // 219 days of one come to 720.00 and 38 of the other to 31.23: exactly what was paid.
    expect(equity(75_123n, '2025-07-01', [premium, change]).equityOn).toBe('2025-08-08');
    expect(equity(135_123n, '2025-07-01', [premium, change]).equityOn).toBe('2026-01-01');
    expect(equity(135_122n, '2025-07-01', [premium, change]).equityOn).toBe('2025-12-31');
  });

  it('is the start of the term before anything is paid, and defined where there is no premium', () => {
    expect(equity(0n, '2025-01-01').equityOn).toBe('2025-01-01');
    expect(equity(0n, '2025-06-01', [])).toMatchObject({ equityBasisPoints: 0n, equityOn: '2026-01-01' });
  });

  it('no more is earned than was paid at the equity date, and more a day later', () => {
    const part = fc.record({ amountMinor: fc.bigInt({ min: 0n, max: 200_000n }), offset: fc.nat(364) });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.bigInt({ min: 0n, max: 500_000n }), (parts, paid) => {
        const segments = parts.map(({ amountMinor, offset }) => {
          return { ...premium, amountMinor, coverage: { start: addDays(term.start, offset), end: term.end } };
        });
        const { equityOn } = equity(paid, term.start, segments);
        expect(earnedOfAll(segments, equityOn).earnedMinor <= paid).toBe(true);
        const isPaidUp = equityOn === term.end;
        expect(isPaidUp || earnedOfAll(segments, addDays(equityOn, 1)).earnedMinor > paid).toBe(true);
      }),
    );
  });
});
