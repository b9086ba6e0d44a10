import fc from 'fast-check';
import { addDays } from './calendar.ts';
import type { ChargeSegment } from './earning.ts';
import { earnedOf, earnedOfAll } from './earning.ts';
import { reinstatementOf } from './reinstatement.ts';
import { returnPremium } from './return-premium.ts';
import { exampleTable } from './short-rate-table.ts';

const term = { start: '2025-01-01', end: '2026-01-01' };
const premium: ChargeSegment = { category: 'premium', handling: 'proratable', amountMinor: 120_000n, coverage: term };
const fee: ChargeSegment = { ...premium, category: 'fee', handling: 'fully_earned', amountMinor: 2500n };

function cancelledOn(effectiveOn: string, segments: readonly ChargeSegment[]) {
  const terms = { term, effectiveOn, method: 'pro_rata', minimumEarnedRate: null, returnsFeesOnFlat: true } as const;
  const { charges } = returnPremium(segments, { ...terms, table: exampleTable });
  return segments.map((segment, i) => ({ segment, returnedMinor: charges[i]?.returnedMinor ?? 0n }));
}

describe('what a reinstatement charges', () => {
  const returned = cancelledOn('2025-04-11', [premium, fee]);

  it('S-60: with a lapse of ten days, the return less a credit for them', () => {
    expect(reinstatementOf(returned, { start: '2025-04-11', end: '2025-04-21' })).toEqual({
      charges: [
        { reversedMinor: 87_123n, gapCreditMinor: -3288n },
        { reversedMinor: 0n, gapCreditMinor: 0n },
      ],
      netMinor: 83_835n,
    });
  });

  it('S-60: without a lapse, the return', () => {
    expect(reinstatementOf(returned, null).netMinor).toBe(87_123n);
  });

  it('the days without cover are credited of a change, too, as far as it was in force', () => {
    const change = { ...premium, amountMinor: 15_123n, coverage: { start: '2025-04-16', end: term.end } };
    const gap = { start: '2025-04-11', end: '2025-04-21' };
    const [, credit] = reinstatementOf(cancelledOn(gap.start, [premium, change]), gap).charges;
    expect(credit).toEqual({ reversedMinor: 15_123n, gapCreditMinor: -291n });
  });

  it('without a lapse the policy comes to what it was, with one to that less what the gap would have earned', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -1_000_000n, max: 1_000_000n }), fc.nat(365), fc.nat(365), (amountMinor, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)].map((days) => addDays(term.start, days));
        const gap = { start: from!, end: to! };
        const of = { ...premium, amountMinor };
        const returnedOf = cancelledOn(gap.start, [of]);
        const [kept, credited] = [reinstatementOf(returnedOf, null), reinstatementOf(returnedOf, gap)];
        expect(amountMinor - returnedOf[0]!.returnedMinor + kept.netMinor).toBe(amountMinor);
        // Booked over the days of the gap, the credit takes out what the charge earns there, to the minor unit.
        const credit = { ...premium, amountMinor: credited.charges[0]!.gapCreditMinor, coverage: gap };
        const through = earnedOf(of, gap.end).earnedMinor - earnedOf(of, gap.start).earnedMinor;
        const left = through + earnedOfAll([credit], gap.end).earnedMinor;
        expect(left >= -1n && left <= 1n).toBe(true);
      }),
    );
  });
});
