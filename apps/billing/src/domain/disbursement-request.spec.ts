import {
  disbursementRequestEvents,
  disbursementRequestStates,
  disbursementRequestTransitions,
  moveDisbursementRequest,
} from './disbursement-request.ts';

const legal: Record<string, string> = {
  'requested execute': 'executed',
  'requested return': 'returned',
  'executed return': 'returned',
};

describe('a disbursement request', () => {
  it.each(
    disbursementRequestStates.flatMap((state) => disbursementRequestEvents.map((event) => [state, event] as const)),
  )('%s, %s', (state, event) => {
    const next = legal[`${state} ${event}`];
    if (next) expect(moveDisbursementRequest(state, event)).toBe(next);
    else {
      expect(() => moveDisbursementRequest(state, event)).toThrow(
        expect.objectContaining({
          code: 'invalid_transition',
          context: { allowedActions: Object.keys(disbursementRequestTransitions[state]) },
        }),
      );
    }
  });
});
