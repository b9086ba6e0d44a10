import { builtInPlans, planOf } from './plan.ts';
import type { Plan } from './plan.ts';
import { checkPlan, planProblems } from './plan-rules.ts';

const plan = (special: Partial<Plan>) => planOf({ name: 'p', label: 'P', cadence: { type: 'monthly' }, ...special });
const fullPay = { cadence: { type: 'full_pay' } } as const;
const custom = { cadence: { type: 'custom', unit: 'days', offsets: [0, 30] } } as const;
const weekly = { cadence: { type: 'every_n_weeks', weeks: 1 } } as const;
const downPayment = { type: 'percent', basisPoints: 2000, includesFees: false } as const;
const instalmentFee = { USD: 300n };

it('the built-in plans do not contradict themselves', () => {
  expect(builtInPlans.flatMap((each) => planProblems(each))).toEqual([]);
});

it.each<[string, Partial<Plan>, string[]]>([
  ['a day of the month without months', { ...weekly, anchor: { mode: 'day_of_month', day: 1 } }, ['/anchor/mode']],
  ['a choice of days without months', { ...fullPay, anchor: { mode: 'due_day_choice', days: null } }, ['/anchor/mode']],
  ['a weekday without weeks', { anchor: { mode: 'weekday', weekday: 'monday' } }, ['/anchor/mode']],
  ['offsets that go back', { cadence: { type: 'custom', unit: 'days', offsets: [0, 30, 30] } }, ['/cadence/offsets']],
  ['stubs of no period', { ...custom, prorateStubs: true }, ['/prorateStubs']],
  ['an amount for no period', { ...fullPay, amountBasis: 'per_period' }, ['/amountBasis']],
  ['a count of full pay', { ...fullPay, count: 2 }, ['/count']],
  ['a count beside offsets', { ...custom, count: 2 }, ['/count']],
  ['a count of prorated periods', { prorateStubs: true, count: 2 }, ['/count']],
  ['weights of full pay', { ...fullPay, weights: [1] }, ['/weights']],
  ['weights of priced periods', { amountBasis: 'per_period', weights: [1] }, ['/weights']],
  ['more weights than instalments', { count: 2, weights: [3, 2, 1] }, ['/weights']],
  ['more weights than offsets', { ...custom, weights: [3, 2, 1] }, ['/weights']],
  ['a weight for the down payment', { count: 2, weights: [3, 2], downPayment }, ['/weights']],
  ['a down payment on full pay', { ...fullPay, downPayment }, ['/downPayment']],
  ['a down payment on priced periods', { prorateStubs: true, downPayment }, ['/downPayment']],
  ['a down payment and nothing after it', { count: 1, downPayment }, ['/downPayment']],
  ['an instalment fee on full pay', { ...fullPay, instalmentFee }, ['/instalmentFee']],
  ['a fee on exempt credit', { exemptCreditOnly: true, instalmentFee }, ['/instalmentFee']],
  ['odd cents of weights', { weights: [3], remainderPolicy: 'last_absorbs' }, ['/remainderPolicy']],
  ['odd cents of days', { prorateStubs: true, remainderPolicy: 'first_absorbs' }, ['/remainderPolicy']],
  [
    'a blackout of priced periods',
    { amountBasis: 'per_period', blackoutDaysBeforeExpiry: 30 },
    ['/blackoutDaysBeforeExpiry'],
  ],
  ['a charge before its invoice', { generateLeadDays: 1, autopayLeadDays: 2 }, ['/autopayLeadDays']],
  ['several at once', { ...fullPay, count: 2, weights: [1], downPayment }, ['/count', '/weights', '/downPayment']],
  ['an override that does', { overrides: { renewal: { autopayLeadDays: 2 } } }, ['/overrides/renewal/autopayLeadDays']],
  [
    'an override beside its plan',
    { count: 3, overrides: { issue: { downPayment, count: 1 } } },
    ['/overrides/issue/downPayment'],
  ],
  [
    'a plan, once and not with each override',
    { ...custom, count: 2, overrides: { renewal: { dueLeadDays: 1 } } },
    ['/count'],
  ],
])('%s', (_what, special, pointers) => {
  const problems = planProblems(plan(special));
  expect([...new Set(problems.map(({ pointer }) => pointer))]).toEqual(pointers);
  expect(() => checkPlan(plan(special))).toThrow(
    expect.objectContaining({ code: 'invalid_plan', context: { errors: problems } }),
  );
});

it('what an override mends is still said of the plan', () => {
  const mended = plan({ count: 1, downPayment, overrides: { issue: { count: 2 } } });
  expect(planProblems(mended).map(({ pointer }) => pointer)).toEqual(['/downPayment']);
});
