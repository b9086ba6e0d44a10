import {
  delinquencyEvents,
  delinquencyStates,
  delinquencyTransitions,
  isDelinquencyOpen,
  moveDelinquency,
  policyStatusesOf,
} from './delinquency.ts';

const legal: Record<string, string> = {
  'pre_grace begin_grace': 'in_grace',
  'pre_grace lapse': 'lapse_triggered',
  'pre_grace pay': 'settled',
  'pre_grace refer': 'manual_review',
  'pre_grace close': 'closed',
  'in_grace hold': 'pre_grace',
  'in_grace issue_notice': 'notice_issued',
  'in_grace void_notice': 'in_grace',
  'in_grace pay': 'settled',
  'in_grace refer': 'manual_review',
  'in_grace close': 'closed',
  'notice_issued hold': 'pre_grace',
  'notice_issued void_notice': 'in_grace',
  'notice_issued lapse': 'lapse_triggered',
  'notice_issued pay': 'rescinded',
  'notice_issued pay_late': 'manual_review',
  'notice_issued close': 'closed',
  'lapse_triggered void_notice': 'manual_review',
  'lapse_triggered confirm': 'lapsed',
  'lapse_triggered reject': 'manual_review',
  'lapse_triggered pay': 'manual_review',
  'lapse_triggered rescind': 'rescinded',
  'lapse_triggered reinstate': 'closed',
  'lapse_triggered close': 'closed',
  'lapsed rescind': 'rescinded',
  'lapsed reinstate': 'closed',
  'lapsed close': 'closed',
  'manual_review confirm': 'lapsed',
  'manual_review pay': 'settled',
  'manual_review rescind': 'rescinded',
  'manual_review close': 'closed',
};

describe('the states of a delinquency', () => {
  it.each(delinquencyStates.flatMap((state) => delinquencyEvents.map((event) => [state, event] as const)))(
    '%s, %s',
    (state, event) => {
      const next = legal[`${state} ${event}`];
      if (next) expect(moveDelinquency(state, event)).toBe(next);
      else {
        expect(() => moveDelinquency(state, event)).toThrow(
          expect.objectContaining({
            code: 'invalid_transition',
            context: { allowedActions: Object.keys(delinquencyTransitions[state]) },
          }),
        );
      }
    },
  );

  it('are open, but for three', () => {
    expect(delinquencyStates.filter((state) => !isDelinquencyOpen(state))).toEqual(['settled', 'rescinded', 'closed']);
  });

  it('stand beside the other states of a policy', () => {
    expect(Object.fromEntries(delinquencyStates.map((state) => [state, policyStatusesOf(state)]))).toEqual({
      ...{ pre_grace: ['delinquent'], in_grace: ['delinquent'], manual_review: ['delinquent'] },
      ...{ notice_issued: ['delinquent', 'cancel_pending'], lapse_triggered: ['delinquent', 'cancel_pending'] },
      ...{ lapsed: [], settled: [], rescinded: [], closed: [] },
    });
  });
});
