import { trailState } from './trail.ts';
import type { Trail } from './trail.ts';

const line = (category: string, batch: object | null) => ({ category, batch });
const state = (payment: string, ...lines: object[]) =>
  trailState({ payment: { state: payment }, lines } as unknown as Pick<Trail, 'payment' | 'lines'>);

it.each([
  ['posted', state('posted')],
  ['posted', state('posted', line('refund', { isInBank: true }))],
  ['reported', state('posted', line('charge', null))],
  ['reported', state('posted', line('charge', { state: 'unbalanced', isInBank: false }))],
  ['paid_out', state('posted', line('charge', { state: 'balanced', isInBank: false }))],
  ['in_bank', state('posted', line('charge', { state: 'balanced', isInBank: true }))],
  ['returned', state('returned', line('charge', { state: 'balanced', isInBank: true }))],
  ['reversed', state('reversed')],
])('is %s', (expected, found) => {
  expect(found).toBe(expected);
});
