import fc from 'fast-check';
import type { Period } from './calendar.ts';
import { addDays, daysBetween } from './calendar.ts';
import type { ChargeSegment } from './earning.ts';
import { percent } from './rate.ts';
import type { Cancellation, CancellationMethod, ChargeReturn } from './return-premium.ts';
import { cancellationMethods, cancellationProblems, returnPremium } from './return-premium.ts';
import { exampleTable, percentKept } from './short-rate-table.ts';

const term: Period = { start: '2025-01-01', end: '2026-01-01' };

function segment(amountMinor: bigint, of: Partial<ChargeSegment> = {}): ChargeSegment {
  return { category: 'premium', handling: 'proratable', amountMinor, coverage: term, ...of };
}
/** Once the return is booked against what was paid. */
function settle({ chargedMinor, returnedMinor }: ChargeReturn, paidMinor: bigint) {
  const balance = chargedMinor - returnedMinor - paidMinor;
  return balance > 0n ? { dueMinor: balance, refundMinor: 0n } : { dueMinor: 0n, refundMinor: -balance };
}

function cancelled(effectiveOn: string, of: Partial<Cancellation> = {}): Cancellation {
  const defaults = {
    method: 'pro_rata',
    minimumEarnedRate: null,
    returnsFeesOnFlat: true,
    table: exampleTable,
  } as const;
  return { term, effectiveOn, ...defaults, ...of };
}
const premium = segment(120_000n);
const at100 = '2025-04-11';
const flatCancel = cancelled('2025-01-01', { method: 'flat' });

describe('what a cancellation gives back', () => {
  it('S-43: pro rata, 1,200.00 after 100 days', () => {
    expect(returnPremium([premium], cancelled(at100))).toMatchObject({
      earnedMinor: 32_877n,
      penaltyMinor: 0n,
      returnedMinor: 87_123n,
    });
  });

  it.each<[bigint, bigint, bigint]>([
    [30_000n, 2877n, 0n],
    [32_877n, 0n, 0n],
    [40_000n, 0n, 7123n],
  ])('S-44: of %s paid, %s is due and %s goes back', (paid, dueMinor, refundMinor) => {
    expect(settle(returnPremium([premium], cancelled(at100)), paid)).toEqual({ dueMinor, refundMinor });
  });

  it('S-45: short rate of 90 %, rounded once at the end', () => {
    const of = cancelled(at100, { method: 'short_rate_90' });
    expect(returnPremium([premium], of)).toMatchObject({ returnedMinor: 78_411n, penaltyMinor: 8712n });
    expect(returnPremium([segment(30_800n)], of).returnedMinor).toBe(20_125n);
  });

  it.each<[CancellationMethod, bigint]>([
    ['pro_rata', 29_452n],
    ['short_rate_90', 26_507n],
  ])('S-46: 500.00 after 150 days, %s', (method, returned) => {
    expect(returnPremium([segment(50_000n)], cancelled('2025-05-31', { method })).returnedMinor).toBe(returned);
  });

  it('S-47: 1,500.00 after 219 days, by days, by table and at 90 %', () => {
    const by = (method: CancellationMethod) => returnPremium([segment(150_000n)], cancelled('2025-08-08', { method }));
    expect(by('pro_rata').earnedMinor).toBe(90_000n);
    const table = by('short_rate_table');
    expect(table).toMatchObject({ earnedMinor: 90_000n, penaltyMinor: 13_500n, returnedMinor: 46_500n });
    expect(table.earnedMinor + table.penaltyMinor).toBe(103_500n);
    expect(by('short_rate_90').returnedMinor).toBe(54_000n);
  });

  it('S-48: a leap year has 366 days', () => {
    const leap = { start: '2024-01-01', end: '2025-01-01' };
    const of = cancelled('2024-07-01', { term: leap });
    expect(returnPremium([segment(120_000n, { coverage: leap })], of).returnedMinor).toBe(120_000n - 59_672n);
  });

  it('S-49: a minimum of 25 % is kept', () => {
    const of = cancelled('2025-01-31', { minimumEarnedRate: percent(25) });
    expect(returnPremium([premium], of)).toEqual({
      charges: [{ chargedMinor: 120_000n, earnedMinor: 9863n, penaltyMinor: 20_137n, returnedMinor: 90_000n }],
      chargedMinor: 120_000n,
      earnedMinor: 9863n,
      penaltyMinor: 20_137n,
      returnedMinor: 90_000n,
      feesRetainedMinor: 0n,
    });
    expect(settle(returnPremium([premium], of), 0n).dueMinor).toBe(30_000n);
  });

  it('S-50: a flat cancellation gives back premium, taxes and flat charges, and fees unless they are kept', () => {
    const fee = segment(1500n, { category: 'fee', handling: 'fully_earned' });
    const charges = [segment(28_000n), segment(2800n, { category: 'tax' }), segment(700n, { handling: 'flat' }), fee];
    expect(returnPremium(charges.slice(0, 2), flatCancel).returnedMinor).toBe(30_800n);
    expect(returnPremium(charges, flatCancel).returnedMinor).toBe(33_000n);
    expect(returnPremium(charges, { ...flatCancel, returnsFeesOnFlat: false })).toMatchObject({
      returnedMinor: 31_500n,
      feesRetainedMinor: 1500n,
    });
  });

  it('S-51: per charge, then summed, and the policy fee is kept', () => {
    const tax = segment(5820n, { category: 'tax', code: 'surplus_lines' } as Partial<ChargeSegment>);
    const fee = segment(2500n, { category: 'fee', handling: 'fully_earned' });
    const result = returnPremium([premium, tax, fee], cancelled(at100));
    expect(result.charges.map(({ returnedMinor }) => returnedMinor)).toEqual([87_123n, 4225n, 0n]);
    expect(result).toMatchObject({ returnedMinor: 91_348n, feesRetainedMinor: 2500n });
    expect(settle(result, 128_320n).refundMinor).toBe(91_348n);
  });

  it('S-52: each change by its own days', () => {
    const change = segment(15_123n, { coverage: { start: '2025-07-01', end: term.end } });
    expect(returnPremium([premium, change], cancelled('2025-10-01'))).toMatchObject({
      earnedMinor: 97_315n,
      returnedMinor: 37_808n,
    });
  });

  it('S-53, S-54: 308.00, three and four instalments paid', () => {
    const after = (effectiveOn: string) => returnPremium([segment(30_800n)], cancelled(effectiveOn));
    expect(after('2025-04-01').earnedMinor).toBe(7595n);
    expect(settle(after('2025-04-01'), 7701n).refundMinor).toBe(106n);
    expect(after(at100).earnedMinor).toBe(8438n);
    expect(settle(after(at100), 10_268n).refundMinor).toBe(1830n);
  });
});

describe('changes within the term', () => {
  const begun = { start: '2025-03-01', end: term.end };

  it('a return endorsement is taken back as it was given', () => {
    const credit = segment(-9074n, { coverage: { start: '2025-07-01', end: term.end } });
    expect(returnPremium([credit], cancelled('2025-10-01')).returnedMinor).toBe(-4537n);
  });

  it('one whose cover never began goes without a penalty, one that began pays the share of the term', () => {
    const of = cancelled(at100, { method: 'short_rate_table', minimumEarnedRate: percent(25) });
    const later = segment(10_000n, { coverage: { start: at100, end: term.end } });
    expect(returnPremium([later], of)).toMatchObject({ returnedMinor: 10_000n, penaltyMinor: 0n });
    // At 100 days the table keeps 38 %: 62 / (100 × 265 / 365) of what is unearned comes back.
    expect(returnPremium([segment(30_600n, { coverage: begun })], of).returnedMinor).toBe(22_630n);
  });

  it('a flat charge comes back only when there was no cover, and a fee that is earned never', () => {
    const flat = segment(700n, { handling: 'flat', coverage: begun });
    const fee = segment(700n, { handling: 'fully_earned', coverage: begun });
    const returned = (of: ChargeSegment, on: string) => returnPremium([of], cancelled(on)).returnedMinor;
    expect([returned(flat, '2025-03-01'), returned(flat, '2025-03-02')]).toEqual([700n, 0n]);
    expect([returned(fee, '2025-02-01'), returned(fee, '2025-03-02')]).toEqual([0n, 0n]);
  });
});

describe('what is refused', () => {
  it.each<[string, Cancellation, string[]]>([
    ['before the term', cancelled('2024-12-31'), ['/effectiveDate']],
    ['after it', cancelled('2026-01-02'), ['/effectiveDate']],
    ['flat in the term', cancelled('2025-01-02', { method: 'flat' }), ['/effectiveDate']],
    ['flat with a minimum', { ...flatCancel, minimumEarnedRate: 1n }, ['/minimumEarnedRate']],
    ['its first day', cancelled('2025-01-01'), []],
    ['its end', cancelled('2026-01-01'), []],
  ])('%s', (_, cancellation, pointers) => {
    expect(cancellationProblems(cancellation).map(({ pointer }) => pointer)).toEqual(pointers);
  });
});

describe('the example table', () => {
  it('keeps more from row to row, all in the end, and never less than the days come to', () => {
    const kept = Array.from({ length: 365 }, (_, i) => percentKept(exampleTable, i + 1, 365));
    expect(kept.every((part, i) => part >= (kept[i - 1] ?? 0) && part * 365 >= (i + 1) * 100)).toBe(true);
    expect([kept[0], kept[218], kept[364]]).toEqual([25, 69, 100]);
  });

  it('reads a leap year day by day and scales a shorter term', () => {
    expect(percentKept(exampleTable, 219, 366)).toBe(69);
    expect(percentKept(exampleTable, 366, 366)).toBe(100);
    expect(percentKept(exampleTable, 92, 184)).toBe(61);
    expect(percentKept(exampleTable, 0, 365)).toBe(0);
  });
});

describe('for any policy', () => {
  const anySegment = fc
    .record({
      amountMinor: fc.bigInt({ min: -500_000n, max: 500_000n }),
      handling: fc.constantFrom('proratable' as const, 'fully_earned' as const, 'flat' as const),
      offset: fc.oneof(fc.constant(0), fc.nat(364)),
    })
    .map(({ offset, ...of }) =>
      segment(0n, { ...of, coverage: { start: addDays(term.start, offset), end: term.end } }),
    );
  const segments = fc.array(anySegment, { maxLength: 6 });
  const anyCancellation = fc
    .record({
      days: fc.nat(365),
      method: fc.constantFrom(...cancellationMethods),
      minimumEarnedRate: fc.option(fc.bigInt({ min: 0n, max: 1_000_000n })),
      returnsFeesOnFlat: fc.boolean(),
    })
    .map(({ days, ...of }) =>
      of.method === 'flat'
        ? cancelled(term.start, { ...of, minimumEarnedRate: null })
        : cancelled(addDays(term.start, days), of),
    );

  it('charged is earned, penalty and returned; nothing of them has the other sign, nothing exceeds the charge', () => {
    fc.assert(
      fc.property(segments, anyCancellation, (charges, cancellation) => {
        const result = returnPremium(charges, cancellation);
        for (const of of [...result.charges, result]) {
          expect(of.earnedMinor + of.penaltyMinor + of.returnedMinor).toBe(of.chargedMinor);
        }
        for (const { chargedMinor, earnedMinor, penaltyMinor, returnedMinor } of result.charges) {
          const parts = [earnedMinor, penaltyMinor, returnedMinor];
          expect(parts.every((part) => part * (chargedMinor < 0n ? -1n : 1n) >= 0n)).toBe(true);
        }
      }),
    );
  });

  it('the whole term returns nothing, and a flat cancellation everything', () => {
    fc.assert(
      fc.property(segments, anyCancellation, (charges, cancellation) => {
        const all = returnPremium(charges, flatCancel);
        expect(all.returnedMinor).toBe(all.chargedMinor);
        if (cancellation.method === 'flat') return;
        expect(returnPremium(charges, { ...cancellation, effectiveOn: term.end }).returnedMinor).toBe(0n);
      }),
    );
  });

  it('the minimum is kept of what is for the whole term', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 500_000n }), fc.nat(100), anyCancellation, (amount, points, of) => {
        if (of.method === 'flat') return;
        const cancellation = { ...of, minimumEarnedRate: percent(points) };
        const { returnedMinor } = returnPremium([segment(amount)], cancellation);
        expect((amount - returnedMinor) * 100n + 50n >= amount * BigInt(points)).toBe(true);
      }),
    );
  });

  it('no method gives back more than the days that are left', () => {
    fc.assert(
      fc.property(segments, anyCancellation, (charges, cancellation) => {
        if (cancellation.method === 'flat') return;
        const proRata = returnPremium(charges, { ...cancellation, method: 'pro_rata', minimumEarnedRate: null });
        returnPremium(charges, cancellation).charges.forEach(({ chargedMinor, returnedMinor }, i) => {
          const most = proRata.charges[i]?.returnedMinor ?? 0n;
          expect(chargedMinor < 0n ? returnedMinor >= most : returnedMinor <= most).toBe(true);
        });
        expect(daysBetween(term.start, cancellation.effectiveOn) >= 0).toBe(true);
      }),
    );
  });
});
