import type { DomainError } from './errors.ts';
import { movedRemittance, remittanceActions } from './remittance-life.ts';

const states = ['received', 'held', 'posted', 'void'] as const;
const allowed: Record<string, string> = {
  'received hold': 'held',
  'received void': 'void',
  'held post': 'received',
  'held void': 'void',
  'posted void': 'void',
};
const outcome = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as DomainError).code;
  }
};

it.each(states.flatMap((state) => remittanceActions.map((action) => [state, action] as const)))(
  '%s, %s',
  (state, action) => {
    const sound = { state, isBalanced: true, conflictsWith: null };
    expect(outcome(() => movedRemittance(sound, action))).toBe(allowed[`${state} ${action}`] ?? 'invalid_transition');
  },
);

it('what does not add up, or contradicts another, is never posted', () => {
  const held = { state: 'held' as const, isBalanced: true, conflictsWith: null };
  expect(outcome(() => movedRemittance({ ...held, isBalanced: false }, 'post'))).toBe('remittance_unbalanced');
  expect(outcome(() => movedRemittance({ ...held, conflictsWith: 'other' }, 'post'))).toBe('remittance_unbalanced');
});
