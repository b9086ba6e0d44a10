import { orderings, retryBreaksOrder } from './ordering.ts';

const cases = orderings.flatMap((ordering) =>
  [true, false].flatMap((isOpen) =>
    [true, false].map((isBehindAnother) => [ordering, { isOpen, isBehindAnother }] as const),
  ),
);

it.each(cases)('sending by hand, %s, %j', (ordering, delivery) => {
  const isHead = delivery.isOpen && !delivery.isBehindAnother;
  expect(retryBreaksOrder(ordering, delivery)).toBe(ordering !== 'none' && !isHead);
});
