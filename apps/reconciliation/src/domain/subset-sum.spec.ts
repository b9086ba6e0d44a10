import fc from 'fast-check';
import { SUBSET_ITEMS_MAX, uniqueSubset } from './subset-sum.ts';

it('finds the one subset that comes to the amount', () => {
  expect(uniqueSubset([10_000n, 20_000n, 70_000n, 555n], 30_000n)).toEqual([0, 1]);
});

it('says nothing where two subsets would do, where only one amount would, or where there are too many', () => {
  expect(uniqueSubset([100n, 200n, 300n, 400n], 500n)).toBeNull();
  expect(uniqueSubset([100n, 250n], 250n)).toBeNull();
  expect(
    uniqueSubset(
      Array.from({ length: SUBSET_ITEMS_MAX + 1 }, () => 1n),
      3n,
    ),
  ).toBeNull();
});

it('what it finds comes to the amount, and no other subset does', () => {
  const amounts = fc.array(fc.bigInt({ min: 1n, max: 60n }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(amounts, fc.bigInt({ min: 2n, max: 200n }), (all, target) => {
      const sums = Array.from({ length: 1 << all.length }, (_, subset) => ({
        size: all.filter((__, n) => subset & (1 << n)).length,
        sum: all.reduce((sum, amount, n) => (subset & (1 << n) ? sum + amount : sum), 0n),
      }));
      const hits = sums.filter(({ size, sum }) => size > 1 && sum === target);
      const found = uniqueSubset(all, target);
      expect(found !== null).toBe(hits.length === 1);
      if (found) expect(found.reduce((sum, n) => sum + all[n]!, 0n)).toBe(target);
    }),
  );
});
