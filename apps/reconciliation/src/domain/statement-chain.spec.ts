import { continues, gapBetween, isEdition, neighbours } from './statement-chain.ts';
import type { Link, StoredLink } from './statement-chain.ts';

const link = (to: string, sequence: string | null, opening: bigint | null, closing: bigint | null): Link => ({
  ...{ to, from: null, sequence, opening, closing },
});
const first = link('2026-03-01', '5', 10n, 20n);

describe('a statement continues another', () => {
  it.each<[boolean, string, Link]>([
    [true, 'that closed with what it opens with', link('2026-03-02', '6', 20n, 30n)],
    [true, 'of the same day, with the next number', link('2026-03-01', '6', 20n, 30n)],
    [true, 'without numbers, on a later day', link('2026-03-02', null, 20n, 30n)],
    [false, 'not with another balance', link('2026-03-02', '6', 21n, 30n)],
    [false, 'not when it does not say its opening', link('2026-03-02', '6', null, 30n)],
    [false, 'not when it begins before the other ended', { ...link('2026-03-05', '6', 20n, 30n), from: '2026-02-20' }],
    [false, 'not when it has its number and its day', link('2026-03-01', '5', 20n, 30n)],
  ])('%s: %s', (expected, _, next) => {
    expect(continues(first, next)).toBe(expected);
  });

  it('not where there is none', () => {
    expect(continues(null, first)).toBe(false);
  });
});

describe('a gap', () => {
  it.each<[boolean, string, Link]>([
    [false, 'is not between 5 and 6', link('2026-03-02', '6', 20n, 30n)],
    [true, 'is between 5 and 7', link('2026-03-02', '7', 20n, 30n)],
    [true, 'is where the opening is another', link('2026-03-02', '6', 25n, 30n)],
    [false, 'is not where a balance is missing', link('2026-03-02', null, null, 30n)],
    [false, 'is not where numbers begin again', link('2027-01-02', '1', 20n, 30n)],
    [true, 'is between pages 1 and 3 of one number', link('2026-03-01', '5/3', 20n, 30n)],
    [false, 'is not between pages 1 and 2', link('2026-03-01', '5/2', 20n, 30n)],
  ])('%s: %s', (expected, _, next) => {
    expect(gapBetween(first, next) !== null).toBe(expected);
  });
});

describe('another edition of a statement', () => {
  it.each<[boolean, string, Link]>([
    [true, 'has its number and its day, whatever it closes with', link('2026-03-01', '5', 10n, 99n)],
    [true, 'may write its number otherwise', link('2026-03-01', '0005/001', 10n, 20n)],
    [true, 'may say no balance', link('2026-03-01', '5', null, null)],
    [true, 'may have no number, with the balances of it', link('2026-03-01', null, 10n, 20n)],
    [false, 'does not open otherwise', link('2026-03-01', '5', 11n, 20n)],
    [false, 'has no other number', link('2026-03-01', '6', 10n, 20n)],
    [false, 'is of no other day', link('2026-03-02', '5', 10n, 20n)],
    [false, 'is not told by a closing alone', link('2026-03-01', null, null, 20n)],
  ])('%s: %s', (expected, _, other) => {
    expect([isEdition(first, other), isEdition(other, first)]).toEqual([expected, expected]);
  });
});

it('neighbours are told by day, number and page, and another edition is none', () => {
  const stored = (id: string, to: string, sequence: string): StoredLink => ({
    ...link(to, sequence, null, null),
    id,
    state: 'balanced',
  });
  const chain = [
    ...[stored('c', '2026-03-02', '10'), stored('a', '2026-03-02', '9/1'), stored('b', '2026-03-02', '9/2')],
    ...[stored('b2', '2026-03-02', '9/2'), stored('d', '2026-03-03', '1')],
  ];
  const idsOf = (own: StoredLink) => {
    const { previous, next } = neighbours(chain, own);
    return [previous?.id, next?.id];
  };
  expect(idsOf(chain[2]!)).toEqual(['a', 'c']);
  expect(idsOf(stored('new', '2026-03-04', '2'))).toEqual(['d', undefined]);
  expect(idsOf(stored('old', '2026-03-01', '8'))).toEqual([undefined, 'a']);
});
