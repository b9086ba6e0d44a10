import { matchesType } from './event-pattern.ts';

it.each([
  ['payment.posted', 'payment.posted', true],
  ['payment.posted', 'payment.posted.v2', false],
  ['payment.*', 'payment.posted', true],
  ['payment.*', 'payment_link.created', false],
  ['payment.*', 'payment', false],
  ['*', 'payment.posted', true],
  ['*.posted', 'payment.posted', false],
  ['pay*', 'payment.posted', false],
  ['payment.p*', 'payment.posted', false],
  ['**', 'payment.posted', false],
  ['.*', 'payment.posted', false],
  ['', 'payment.posted', false],
])('%j on %s: %s', (pattern, type, expected) => {
  expect(matchesType(pattern, type)).toBe(expected);
});
