import fc from 'fast-check';
import { isHigh, isLow, rangesOf } from './backlog.ts';
import type { Missed } from './backlog.ts';

it('four fifths are high, less than a half is low, and in between it stays what it was', () => {
  expect([79, 80, 100].map((rows) => isHigh(rows, 100))).toEqual([false, true, true]);
  expect([49, 50, 79].map((rows) => isLow(rows, 100))).toEqual([true, false, false]);
});

describe('rangesOf', () => {
  const missed = fc.record({
    tenantId: fc.constant('t'),
    endpointId: fc.constantFrom('a', 'b', 'c'),
    messageId: fc.uuid(),
    reason: fc.constantFrom('disabled' as const, 'backlog_full' as const),
  });

  it('every missed event lies in exactly one range, and the counts add up', () => {
    fc.assert(
      fc.property(fc.array(missed), (all: Missed[]) => {
        const ranges = rangesOf(all);
        const holders = ({ endpointId, reason, messageId }: Missed) =>
          ranges.filter(
            (range) =>
              range.endpointId === endpointId &&
              range.reason === reason &&
              range.firstId <= messageId &&
              messageId <= range.lastId,
          );
        for (const one of all) expect(holders(one)).toHaveLength(1);
        expect(ranges.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
      }),
    );
  });

  it('is in one order, so that two batches lock the same way', () => {
    fc.assert(
      fc.property(fc.array(missed), (all: Missed[]) => {
        const keys = (list: Missed[]) => rangesOf(list).map(({ endpointId, reason }) => `${endpointId} ${reason}`);
        expect(keys(all)).toEqual(keys(all.toReversed()));
        expect(keys(all)).toEqual(keys(all).toSorted());
      }),
    );
  });
});
