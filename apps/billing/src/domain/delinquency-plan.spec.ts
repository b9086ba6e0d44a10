import { delinquencyPlanFor, escalationDays, faultsOf } from './delinquency-plan.ts';
import type { DelinquencyPlan } from './delinquency-plan.ts';

const plan: DelinquencyPlan = {
  ...{ id: 'plan', name: 'Default', currency: 'USD', level: 'policy', graceDays: 10, graceMonths: null },
  ...{ coveredMonths: null, reminderDays: [], noticeAfterDays: 8, retryDays: [1, 3, 5, 7], toleranceMinor: 0n },
  ...{ notTaken: 'flat_cancel', agency: 'refer', renoticesOnJoin: false, reinstatementDays: 30 },
  ...{ jurisdiction: null, line: null, effectiveFrom: '2025-01-01', effectiveTo: null },
} as const;
const question = {
  ...{ jurisdiction: 'US-NY', line: 'motor', on: '2025-03-02', currency: 'USD' },
  billingMethod: 'direct',
} as const;
const pointersOf = (said: Partial<DelinquencyPlan>) => faultsOf({ ...plan, ...said }).map(({ pointer }) => pointer);

describe('the plan of a policy', () => {
  it('is none while the tenant has none, in its currency and on that date', () => {
    expect(delinquencyPlanFor([], question)).toBeNull();
    expect(delinquencyPlanFor([{ ...plan, currency: 'EUR' }], question)).toBeNull();
    expect(delinquencyPlanFor([plan], { ...question, on: '2024-12-31' })).toBeNull();
    expect(delinquencyPlanFor([plan], question)).toBe(plan);
  });

  it('is the most particular, and of equals the newest', () => {
    const local = { ...plan, id: 'local', jurisdiction: 'US-NY' };
    const newer = { ...local, id: 'newer', effectiveFrom: '2025-03-01' };
    expect(delinquencyPlanFor([newer, local, plan], question)?.id).toBe('newer');
  });
});

describe('a plan', () => {
  it('takes its last step with the notice', () => {
    expect(escalationDays({ reminderDays: [3, 9], noticeAfterDays: 8 })).toEqual([3, 8]);
  });

  it.each([
    [{}, []],
    [{ retryDays: [1, 9, 13, 20], reminderDays: [10, 14], noticeAfterDays: 21 }, []],
    [{ retryDays: [1, 8] }, ['/retryDays']],
    [{ retryDays: [1, 10] }, ['/retryDays']],
    [{ retryDays: [3], reminderDays: [3] }, ['/retryDays']],
    [{ retryDays: [3, 1] }, ['/retryDays']],
    [{ retryDays: [], reminderDays: [5, 5] }, ['/reminderDays']],
    [{ graceMonths: 3 }, ['/coveredMonths']],
    [{ graceMonths: 3, coveredMonths: 4 }, ['/coveredMonths']],
    [{ graceMonths: 3, coveredMonths: 1 }, []],
  ])('%j: wrong are %j', (said, pointers) => {
    expect(pointersOf(said)).toEqual(pointers);
  });
});
