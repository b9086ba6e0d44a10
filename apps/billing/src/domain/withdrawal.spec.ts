import fc from 'fast-check';
import { covering, takeOut } from './withdrawal.ts';

const minor = fc.bigInt({ min: 0n, max: 1_000n });
const held = fc.record({ unappliedMinor: minor, suspendedMinor: minor, allocatedMinor: minor });

describe('takeOut', () => {
  it('takes what pays nothing before what pays a debt', () => {
    const of = { unappliedMinor: 2000n, suspendedMinor: 0n, allocatedMinor: 10_000n };
    expect(takeOut(4000n, of)).toEqual({ ...of, allocatedMinor: 2000n, missingMinor: 0n });
  });

  it('S-92: names what was given away before', () => {
    const of = { unappliedMinor: 0n, suspendedMinor: 0n, allocatedMinor: 10_000n };
    expect(takeOut(12_000n, of)).toEqual({ ...of, missingMinor: 2000n });
  });

  it('adds up, takes no more than there is, and misses nothing while there is something', () => {
    fc.assert(
      fc.property(minor, held, (amount, of) => {
        const taken = takeOut(amount, of);
        const parts = [taken.unappliedMinor, taken.suspendedMinor, taken.allocatedMinor];
        const there = [of.unappliedMinor, of.suspendedMinor, of.allocatedMinor];
        const sum = parts.reduce((total, part) => total + part, 0n);
        const isAll = there.every((part, index) => part === parts[index]);
        expect(sum + taken.missingMinor).toBe(amount);
        expect(parts.every((part, index) => part >= 0n && part <= there[index]!)).toBe(true);
        expect(taken.missingMinor === 0n || isAll).toBe(true);
      }),
    );
  });
});

describe('covering', () => {
  const rows = [{ amountMinor: 30n }, { amountMinor: 50n }, { amountMinor: 20n }];

  it.each<[bigint, number, bigint]>([
    [0n, 0, 0n],
    [30n, 1, 0n],
    [31n, 2, 49n],
    [100n, 3, 0n],
  ])('%s needs %i rows and leaves %s', (amount, count, spareMinor) => {
    expect(covering(amount, rows)).toEqual({ rows: rows.slice(0, count), spareMinor });
  });
});
