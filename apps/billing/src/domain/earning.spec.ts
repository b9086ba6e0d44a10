import fc from 'fast-check';
import type { Period } from './calendar.ts';
import { addDays, daysBetween } from './calendar.ts';
import type { ChargeSegment } from './earning.ts';
import { earnedOf, earnedOfAll, proRatedChange } from './earning.ts';

const term: Period = { start: '2025-01-01', end: '2026-01-01' };

function premium(amountMinor: bigint, coverage = term): ChargeSegment {
  return { category: 'premium', handling: 'proratable', amountMinor, coverage };
}

describe('what is earned of a charge', () => {
  it('S-43: 1,200.00 after 100 days', () => {
    expect(earnedOf(premium(120_000n), '2025-04-11')).toEqual({ earnedMinor: 32_877n, unearnedMinor: 87_123n });
  });

  it('S-48: out of the 366 days of a leap year', () => {
    const leap = { start: '2024-01-01', end: '2025-01-01' };
    expect(earnedOf(premium(120_000n, leap), '2024-07-01').earnedMinor).toBe(59_672n);
  });

  it('S-51: rounded per charge, then summed', () => {
    const tax: ChargeSegment = { ...premium(5820n), category: 'tax' };
    const fee: ChargeSegment = { ...premium(2500n), category: 'fee', handling: 'fully_earned' };
    expect(earnedOfAll([premium(120_000n), tax, fee], '2025-04-11').unearnedMinor).toBe(91_348n);
  });

  it('S-52: an exact half is earned, whichever side is the smaller', () => {
    const change = premium(15_123n, { start: '2025-07-01', end: '2026-01-01' });
    const parts = [earnedOf(premium(120_000n), '2025-10-01'), earnedOf(change, '2025-10-01')];
    expect(parts.map(({ earnedMinor }) => earnedMinor)).toEqual([89_753n, 7562n]);
    expect(earnedOfAll([premium(120_000n), change], '2025-10-01')).toEqual({
      earnedMinor: 97_315n,
      unearnedMinor: 37_808n,
    });
  });

  it.each<[ChargeSegment['handling'], string, bigint]>([
    ['fully_earned', '2024-12-31', 0n],
    ['fully_earned', '2025-01-01', 1500n],
    ['flat', '2025-01-01', 0n],
    ['flat', '2025-01-02', 1500n],
    ['proratable', '2024-12-31', 0n],
    ['proratable', '2026-02-01', 1500n],
  ])('a %s charge on %s: %s', (handling, on, earned) => {
    expect(earnedOf({ ...premium(1500n), handling }, on).earnedMinor).toBe(earned);
  });
});

describe('what a change of the annual amount comes to', () => {
  it('S-30: 300.00 more a year for 184 days', () => {
    expect(proRatedChange(30_000n, '2025-07-01', term)).toBe(15_123n);
  });

  it('S-32: 180.00 less', () => {
    expect(proRatedChange(-18_000n, '2025-07-01', term)).toBe(-9074n);
  });

  it('S-35: two changes, each for the days that are left', () => {
    const of2017 = { start: '2017-01-01', end: '2018-01-01' };
    const changes = ['2017-05-03', '2017-09-02'].map((from) => proRatedChange(36_500n, from, of2017));
    expect(changes).toEqual([24_300n, 12_100n]);
    expect(36_500n + 24_300n + 12_100n).toBe(72_900n);
  });

  it('S-37: the elapsed part of a back-dated change is what is earned when it is processed', () => {
    const amount = proRatedChange(30_000n, '2025-03-01', term);
    const change = premium(amount, { start: '2025-03-01', end: term.end });
    expect(amount).toBe(25_151n);
    expect(earnedOf(change, '2025-07-10')).toEqual({ earnedMinor: 10_767n, unearnedMinor: 14_384n });
  });

  it.each<[string, Period, bigint]>([
    ['a year', { start: '2025-01-01', end: '2026-01-01' }, 30_000n],
    ['a leap year', { start: '2024-01-01', end: '2025-01-01' }, 30_000n],
    ['a year from 29 February', { start: '2024-02-29', end: '2025-02-28' }, 30_000n],
    ['three years with a leap day', { start: '2023-01-01', end: '2026-01-01' }, 90_000n],
    ['half a year', { start: '2025-01-01', end: '2025-07-01' }, 14_877n],
  ])('for the whole of %s', (_, whole, expected) => {
    expect(proRatedChange(30_000n, whole.start, whole)).toBe(expected);
  });
});

describe('for any charge', () => {
  const segment = fc
    .record({
      amountMinor: fc.bigInt({ min: -5_000_000n, max: 5_000_000n }),
      handling: fc.constantFrom('proratable' as const, 'fully_earned' as const, 'flat' as const),
      offset: fc.integer({ min: 0, max: 400 }),
      days: fc.integer({ min: 1, max: 800 }),
    })
    .map(({ amountMinor, handling, offset, days }): ChargeSegment => {
      const start = addDays('2024-01-01', offset);
      return { category: 'premium', handling, amountMinor, coverage: { start, end: addDays(start, days) } };
    });
  const day = fc.integer({ min: -10, max: 1300 }).map((days) => addDays('2024-01-01', days));

  it('earned and unearned are the charge, and neither has the other sign', () => {
    fc.assert(
      fc.property(segment, day, (of, on) => {
        const { earnedMinor, unearnedMinor } = earnedOf(of, on);
        expect(earnedMinor + unearnedMinor).toBe(of.amountMinor);
        expect(earnedMinor * of.amountMinor >= 0n && unearnedMinor * of.amountMinor >= 0n).toBe(true);
      }),
    );
  });

  it('a credit earns as the mirror of its charge', () => {
    fc.assert(
      fc.property(segment, day, (of, on) => {
        const mirror = earnedOf({ ...of, amountMinor: -of.amountMinor }, on);
        expect(mirror.earnedMinor).toBe(-earnedOf(of, on).earnedMinor);
      }),
    );
  });

  it('earns no less as days pass: nothing before its cover, all after it', () => {
    fc.assert(
      fc.property(segment, day, fc.nat(400), (of, on, more) => {
        const positive = { ...of, amountMinor: of.amountMinor < 0n ? -of.amountMinor : of.amountMinor };
        const earned = (date: string) => earnedOf(positive, date).earnedMinor;
        expect(earned(addDays(on, more)) >= earned(on)).toBe(true);
        expect(earned(addDays(of.coverage.start, -1))).toBe(0n);
        expect(earned(of.coverage.end)).toBe(positive.amountMinor);
      }),
    );
  });

  it('a change from the first day of a year is the annual amount, and never more for fewer days', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 5_000_000n }), fc.nat(365), fc.nat(365), (annual, a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((days) => addDays(term.start, days));
        expect(proRatedChange(annual, term.start, term)).toBe(annual);
        expect(proRatedChange(annual, early!, term) >= proRatedChange(annual, late!, term)).toBe(true);
        expect(daysBetween(late!, term.end) > 0 || proRatedChange(annual, late!, term) === 0n).toBe(true);
      }),
    );
  });
});
