import { KeyLine } from './key-line.ts';

it('gives each key that was touched once, the earliest first', () => {
  const line = new KeyLine();
  for (const key of ['a', 'b', 'a', 'c']) line.touch(key);
  expect(line.takeHot(2)).toEqual(['a', 'b']);
  expect(line.hasHot).toBe(true);
  expect(line.takeHot(2)).toEqual(['c']);
  expect([line.hasHot, line.takeHot(2)]).toEqual([false, []]);
});

it('forgets what is too much: the look at all keys finds it', () => {
  const line = new KeyLine();
  for (let key = 0; key < 20_000; key += 1) line.touch(String(key));
  expect(line.takeHot(20_000)).toHaveLength(10_000);
});

it('looks for rows without a key at once, and then every five seconds', () => {
  const line = new KeyLine();
  expect([0, 4_999, 5_000, 9_999, 10_000].map((now) => line.isTimeForLoose(now))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});
