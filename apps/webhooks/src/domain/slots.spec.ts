import { slotsFor } from './slots.ts';

it.each([
  [256, 51, 204],
  [204, 200, 163],
  [26, 51, 26],
  [256, 50, 256],
  [163, 50, 189],
  [250, 0, 256],
  [1, 0, 2],
])('%d slots, %d ms late: %d', (current, late, expected) => {
  expect(slotsFor(current, late, current === 1 ? 2 : 256)).toBe(expected);
});

it('a process that stays late comes to rest at a tenth and is whole again after ten times that it is not', () => {
  let slots = 256;
  for (let times = 0; times < 60; times += 1) slots = slotsFor(slots, 500, 256);
  expect(slots).toBe(26);
  for (let times = 0; times < 10; times += 1) slots = slotsFor(slots, 5, 256);
  expect(slots).toBe(256);
});
