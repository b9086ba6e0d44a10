import { forgivenOf } from './tolerance.ts';

it.each([
  ['99.50 on 100.00 with tolerance 1.00 is settled, shortfall 0.50', 50n, 100n, 50n],
  ['with tolerance 0.40 it stays open', 50n, 40n, 0n],
  ['99.00 with tolerance 1.00 is settled: the bound is part of it', 100n, 100n, 100n],
  ['one cent more is not', 101n, 100n, 0n],
  ['a paid invoice has nothing to forgive', 0n, 100n, 0n],
])('S-72: %s', (_name, balance, tolerance, forgiven) => {
  expect(forgivenOf(balance, 'USD', new Map([['USD', tolerance]]))).toBe(forgiven);
});

it('a tolerance is of its own currency', () => {
  expect(forgivenOf(50n, 'EUR', new Map([['USD', 100n]]))).toBe(0n);
});
