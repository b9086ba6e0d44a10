import { ReceiverCap } from './receiver-cap.ts';

const ceiling = 32;

it('is the endpoint’s own limit until the receiver shows strain', () => {
  const cap = new ReceiverCap();
  cap.record('none', 0, 10, ceiling);
  cap.record('good', 0, 10, ceiling);
  expect([cap.value(ceiling), cap.value(256), cap.isCut]).toEqual([32, 256, false]);
});

it('halves at each sign of strain, down to one', () => {
  const cap = new ReceiverCap();
  const values = [10, 20, 30, 40, 50, 60].map((at) => {
    cap.record('strained', at, at + 5, ceiling);
    return cap.value(ceiling);
  });
  expect(values).toEqual([16, 8, 4, 2, 1, 1]);
});

it('one overload that fails thirty requests is one cut', () => {
  const cap = new ReceiverCap();
  for (let request = 0; request < 30; request += 1) cap.record('strained', 0, 100 + request, ceiling);
  expect(cap.value(ceiling)).toBe(16);
  cap.record('strained', 101, 200, ceiling);
  expect(cap.value(ceiling)).toBe(8);
});

it('grows by one for every ten good answers, and is whole again at the ceiling', () => {
  const cap = new ReceiverCap();
  cap.record('strained', 0, 1, ceiling);
  for (let good = 0; good < 9; good += 1) cap.record('good', 2, 3, ceiling);
  expect(cap.value(ceiling)).toBe(16);
  cap.record('good', 2, 3, ceiling);
  expect(cap.value(ceiling)).toBe(17);
  for (let good = 0; good < 150; good += 1) cap.record('good', 2, 3, ceiling);
  expect([cap.value(ceiling), cap.isCut]).toEqual([32, false]);
});
