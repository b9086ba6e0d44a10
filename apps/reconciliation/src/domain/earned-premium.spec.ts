import fc from 'fast-check';
import { dayBefore, earnedPremium, earningStep } from './earned-premium.ts';
import type { PremiumCharge, PremiumTransaction } from './earned-premium.ts';

const year = { coverageStart: '2025-01-01', coverageEnd: '2026-01-01' };
const charge = (amountMinor: bigint, more: Partial<PremiumCharge> = {}): PremiumCharge => ({
  ...{ amountMinor, handling: 'proratable', ...year },
  ...more,
});
let ids = 0;
const said = (type: string, charges: PremiumCharge[], more: Partial<PremiumTransaction> = {}): PremiumTransaction => ({
  ...{ id: `T${++ids}`, termNumber: 1, type, effectiveOn: '2025-01-01', invalidates: null, charges },
  ...more,
});
const earned = (story: PremiumTransaction[], on: string) => earnedPremium(story, on).earnedMinor;

const issue = said('issue', [charge(100_000n)]);
const cancel = said('cancellation', [charge(-75_342n, { coverageStart: '2025-04-01' })], { effectiveOn: '2025-04-01' });

describe('of 1,000.00 for 365 days', () => {
  it.each([
    ['2024-12-31', 0n],
    ['2025-01-01', 0n],
    ['2025-01-02', 274n],
    ['2025-04-01', 24_658n],
    ['2025-12-31', 99_726n],
    ['2026-01-01', 100_000n],
    ['2027-01-01', 100_000n],
  ])('until %s %s is earned', (on, minor) => expect(earned([issue], on)).toBe(minor));

  it('is over when its cover is', () => {
    expect(earnedPremium([issue], '2025-12-31').isOver).toBe(false);
    expect(earnedPremium([issue], '2026-01-01').isOver).toBe(true);
  });
});

it('cancelled after 90 days: 753.42 is given back, 246.58 is earned then, and no more', () => {
  expect(earned([issue, cancel], '2025-02-01')).toBe(8493n);
  for (const on of ['2025-04-01', '2025-08-15', '2026-01-01']) expect(earned([issue, cancel], on)).toBe(24_658n);
  expect(earnedPremium([issue, cancel], '2025-04-01').isOver).toBe(true);
});

it('S-45: what a short rate keeps is earned when the cover ends', () => {
  const short = said('cancellation', [charge(-78_411n, { coverageStart: '2025-04-11' })], {
    effectiveOn: '2025-04-11',
  });
  const of1200 = said('issue', [charge(120_000n)]);
  expect(earned([of1200, short], '2025-04-10')).toBe(32_548n);
  expect(earned([of1200, short], '2025-04-11')).toBe(41_589n);
});

it('S-30: an endorsement is earned over the rest of the term', () => {
  const more = said('endorsement', [charge(15_123n, { coverageStart: '2025-07-01' })], { effectiveOn: '2025-07-01' });
  const story = [said('issue', [charge(120_000n)]), more];
  // S-52: 897.53 and 75.62 until 2025-10-01.
  expect(earned(story, '2025-10-01')).toBe(97_315n);
  expect(earned(story, '2026-01-01')).toBe(135_123n);
});

it('S-60: reinstated with a lapse of ten days, these are not earned', () => {
  const ended = said('cancellation', [charge(-87_123n, { coverageStart: '2025-04-11' })], {
    effectiveOn: '2025-04-11',
  });
  const again = said('reinstatement', [
    charge(87_123n, { coverageStart: '2025-04-11' }),
    charge(-3288n, { coverageStart: '2025-04-11', coverageEnd: '2025-04-21' }),
  ]);
  const story = [said('issue', [charge(120_000n)]), ended, again];
  expect(earned(story, '2025-04-11')).toBe(32_877n);
  expect(earned(story, '2025-04-21')).toBe(32_877n);
  expect(earned(story, '2026-01-01')).toBe(120_000n - 3288n);
});

it('a cancellation that did not take place is as if it had not been said', () => {
  const undone = said('invalidation', [], { invalidates: cancel.id });
  expect(earned([issue, cancel, undone], '2025-07-01')).toBe(earned([issue], '2025-07-01'));
});

it('what is given back of premium of which we were never told is no loss', () => {
  expect(earned([cancel], '2025-07-01')).toBe(0n);
});

it('terms are earned each for itself', () => {
  const next = { coverageStart: '2026-01-01', coverageEnd: '2027-01-01' };
  const renewal = said('renewal', [charge(36_500n, next)], { termNumber: 2, effectiveOn: '2026-01-01' });
  expect(earned([issue, cancel, renewal], '2026-01-11')).toBe(24_658n + 1000n);
});

it.each([
  [{ earnedMinor: 24_658n, isOver: false }, { earnedMinor: 0n, unearnedMinor: 100_000n }, 24_658n],
  [{ earnedMinor: 24_658n, isOver: false }, { earnedMinor: 20_000n, unearnedMinor: 1000n }, 1000n],
  [{ earnedMinor: 24_658n, isOver: true }, { earnedMinor: 30_000n, unearnedMinor: 0n }, -5342n],
  [{ earnedMinor: 24_658n, isOver: false }, { earnedMinor: 20_000n, unearnedMinor: -300n }, -300n],
])('%j after %j is a step of %s', (earning, before, step) => expect(earningStep(earning, before)).toBe(step));

it('however often it is looked at: the steps add up to what was charged, and 2010 ends at zero', () => {
  const isPremium = (amounts: bigint[]) => amounts.reduce((sum, minor) => sum + minor, 0n) >= 0n;
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 364 }), { maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: -5000n, max: 90_000n }), { minLength: 1, maxLength: 4 }).filter(isPremium),
      days,
      (amounts, on) => {
        const story = [
          said(
            'issue',
            amounts.map((minor) => charge(minor)),
          ),
        ];
        const written = amounts.reduce((sum, minor) => sum + minor, 0n);
        let before = { earnedMinor: 0n, unearnedMinor: written };
        for (const day of [...on.sort((a, b) => a - b), 365]) {
          const date = new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10);
          const step = earningStep(earnedPremium(story, date), before);
          before = { earnedMinor: before.earnedMinor + step, unearnedMinor: before.unearnedMinor - step };
        }
        expect(before).toEqual({ earnedMinor: written, unearnedMinor: 0n });
      },
    ),
    { numRuns: 50 },
  );
});

it('the day before the first of a month is the last of the month before', () => {
  expect(dayBefore('2024-03-01')).toBe('2024-02-29');
});
