import fc from 'fast-check';
import { cursorKey, pickPage, positionIn } from './pull.ts';
import type { FeedRow, PageWish } from './pull.ts';

const row = (position: number, over: Partial<FeedRow> = {}): FeedRow => ({
  ...{ position: BigInt(position), id: `m${position}`, type: 'a', size: 10, ...over },
});
const wish = (over: Partial<PageWish> = {}): PageWish => ({
  ...{ after: 0n, limit: 10, bytesMax: 1_000, scanned: 100, matches: () => true, ...over },
});

describe('pickPage', () => {
  it('nothing there: stays where it is', () => {
    expect(pickPage([], wish({ after: 7n }))).toEqual({ ids: [], after: 7n, hasMore: false });
  });

  it('passes over what is not wanted, up to the end', () => {
    const rows = [row(1), row(2, { type: 'b' }), row(5, { type: 'b' })];
    const page = pickPage(rows, wish({ matches: ({ type }) => type === 'a' }));
    expect(page).toEqual({ ids: ['m1'], after: 5n, hasMore: false });
  });

  it('stops before the first wanted one that does not fit, by number or by size', () => {
    const rows = [row(1), row(2, { type: 'b' }), row(3), row(4)];
    const matches = ({ type }: FeedRow) => type === 'a';
    expect(pickPage(rows, wish({ limit: 1, matches }))).toEqual({ ids: ['m1'], after: 2n, hasMore: true });
    expect(pickPage(rows, wish({ bytesMax: 20 }))).toEqual({ ids: ['m1', 'm2'], after: 2n, hasMore: true });
  });

  it('one that is larger than a page is a page', () => {
    expect(pickPage([row(1, { size: 9_999 }), row(2)], wish())).toEqual({ ids: ['m1'], after: 1n, hasMore: true });
  });

  it('as many rows as were asked for: there may be more', () => {
    expect(pickPage([row(1), row(2)], wish({ scanned: 2 }))).toEqual({ ids: ['m1', 'm2'], after: 2n, hasMore: true });
  });

  it('page after page, whatever the sizes, every wanted message comes once and in order', () => {
    const feed = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 4 }), size: fc.nat(80), isWanted: fc.boolean() }));
    const sizes = {
      limit: fc.integer({ min: 1, max: 5 }),
      bytesMax: fc.nat(200),
      scanned: fc.integer({ min: 1, max: 6 }),
    };
    fc.assert(
      fc.property(feed, fc.record(sizes), (items, page) => {
        let at = 0;
        const rows = items.map(({ gap, size, isWanted }) => row((at += gap), { size, type: isWanted ? 'a' : 'b' }));
        const seen: string[] = [];
        for (let after = 0n, hasMore = true; hasMore;) {
          const scanned = rows.filter(({ position }) => position > after).slice(0, page.scanned);
          const next = pickPage(scanned, { ...page, after, matches: ({ type }) => type === 'a' });
          expect(next.after > after || !next.hasMore).toBe(true);
          seen.push(...next.ids);
          ({ after, hasMore } = next);
        }
        expect(seen).toEqual(rows.filter(({ type }) => type === 'a').map(({ id }) => id));
      }),
    );
  });
});

describe('a cursor', () => {
  it('says where its consumer is, and means nothing to another', () => {
    expect(positionIn(cursorKey('one', 12n), 'one')).toBe(12n);
    expect(positionIn(cursorKey('one', 12n), 'two')).toBeNull();
  });
  it.each(['one', 'one/', 'one/-1', 'one/1/2', 'one/x', `one/${'9'.repeat(19)}`])('%s is none', (key) => {
    expect(positionIn(key, 'one')).toBeNull();
  });
});
