import type { Charge, ChargeCategory } from './charge.ts';
import { getPlan, planOf } from './plan.ts';
import type { DownPayment, Plan, PlanRequest } from './plan.ts';
import { planSchedule } from './schedule.ts';

const year = { start: '2025-01-01', end: '2026-01-01' };
const monthly = getPlan('1year-monthly');
const charge = (category: ChargeCategory, amountMinor: bigint): Charge => ({
  ...{ category, code: null, amountMinor },
  handling: category === 'fee' ? 'fully_earned' : 'proratable',
});
const premium = (minor: bigint) => charge('premium', minor);

const scheduleOf = (special: Partial<Plan>, charges: Charge[], request: Partial<PlanRequest> = {}) =>
  planSchedule(charges, { ...monthly, ...special }, { term: year, currency: 'USD', ...request });
const amounts = (special: Partial<Plan>, charges: Charge[], request: Partial<PlanRequest> = {}) =>
  scheduleOf(special, charges, request).instalments.map(({ amountMinor }) => Number(amountMinor));
const refused = (special: Partial<Plan>, charges: Charge[], request: Partial<PlanRequest> = {}) => {
  const error = expect.objectContaining({ code: 'plan_not_eligible' }) as Error;
  expect(() => scheduleOf(special, charges, request)).toThrow(error);
};
const times = (count: number, minor: number): number[] => Array.from({ length: count }, () => minor);

describe('a down payment', () => {
  const down = (downPayment: DownPayment, includesFees = false): Partial<Plan> => ({
    downPayment: { ...downPayment, includesFees },
  });
  const percent = { type: 'percent', basisPoints: 2500, includesFees: false } as const;
  const amount = { type: 'amount', amounts: { USD: 10_000n, JPY: 100n }, includesFees: false } as const;

  it('is a part, and the rest is split', () => {
    expect(amounts(down(percent), [premium(120_000n)])).toEqual([30_000, ...times(9, 8182), ...times(2, 8181)]);
    expect(amounts(down({ ...percent, basisPoints: 1667 }), [premium(100_000n)])[0]).toBe(16_670);
  });

  it('is an amount, in the currencies that the plan has one in', () => {
    expect(amounts(down(amount), [premium(120_000n)])).toEqual([10_000, ...times(11, 10_000)]);
    expect(amounts(down(amount), [premium(1_200n)], { currency: 'JPY' })[0]).toBe(100);
    refused(down(amount), [premium(120_000n)], { currency: 'EUR' });
    refused(down(amount), [premium(9_999n)]);
  });

  it('is so many periods', () => {
    const schedule = amounts(down({ type: 'periods', periods: 2, includesFees: false }), [premium(120_000n)]);
    expect(schedule).toEqual([20_000, ...times(10, 10_000)]);
  });

  it('has the fees on top, or inside', () => {
    const charges = [premium(120_000n), charge('fee', 2_000n)];
    expect(amounts(down(percent), charges)[0]).toBe(32_000);
    expect(amounts(down(percent, true), charges)[0]).toBe(30_500);
    expect(amounts(down(amount, true), charges)[0]).toBe(10_000);
  });

  it('is never less than the fees that it includes, and then takes nothing of the premium', () => {
    const charges = [premium(120_000n), charge('fee', 15_000n)];
    expect(amounts(down(amount, true), charges)).toEqual([15_000, 10_910, ...times(10, 10_909)]);
  });

  it('leaves the weights to the instalments after it', () => {
    const special = { ...down(percent), count: 4, weights: [2] };
    expect(amounts(special, [premium(40_000n)])).toEqual([10_000, 15_000, 7_500, 7_500]);
  });

  it('is not there where a transaction has none', () => {
    const special = { ...getPlan('20-down-9-monthly'), overrides: { renewal: { downPayment: null, count: null } } };
    expect(amounts(special, [premium(120_000n)])[0]).toBe(24_000);
    expect(amounts(special, [premium(120_000n)], { transaction: 'renewal' })).toEqual(times(12, 10_000));
  });
});

describe('a stub', () => {
  const due1 = { anchor: { mode: 'day_of_month', day: 1 }, prorateStubs: true } as const;
  const term = { start: '2025-01-20', end: '2026-01-20' };

  it('of a total takes its days of it', () => {
    expect(amounts(due1, [premium(120_000n)], { term })).toEqual([3871, ...times(11, 10_000), 6129]);
  });

  it('of months of another length is right beside whole ones, too', () => {
    const odd = { start: '2025-02-10', end: '2025-05-21' };
    // 19 of 28 days, two months, 20 of 31 days
    expect(amounts(due1, [premium(288_500n)], { term: odd })).toEqual([58_900, 86_800, 86_800, 56_000]);
  });

  it('of an amount per period is the same, line by line, and the charges become what they add up to', () => {
    const charges = [charge('tax', 1000n), premium(9000n), charge('fee', 500n)];
    const {
      instalments,
      charges: planned,
      totalMinor,
    } = scheduleOf({ ...due1, amountBasis: 'per_period' }, charges, { term });
    expect(instalments.map(({ amountMinor }) => Number(amountMinor))).toEqual([4371, ...times(11, 10_000), 6129]);
    expect(instalments[0]?.lines.map(({ amountMinor }) => Number(amountMinor))).toEqual([387, 3484, 500]);
    expect(planned.map(({ amountMinor }) => Number(amountMinor))).toEqual([12_000, 108_000, 500]);
    expect(totalMinor).toBe(120_500n);
  });

  it('has both its stubs right where they are of months of another length', () => {
    const odd = { start: '2025-02-10', end: '2025-05-21' };
    expect(amounts({ ...due1, amountBasis: 'per_period' }, [premium(10_000n)], { term: odd })).toEqual([
      6786, // 19 of 28 days
      ...times(2, 10_000),
      6452, // 20 of 31
    ]);
  });
});

describe('a fee for each instalment', () => {
  it('is in the currencies that the plan has one in', () => {
    const special = { instalmentFee: { USD: 300n } };
    expect(scheduleOf(special, [premium(30_800n)]).totalMinor).toBe(34_100n);
    refused(special, [premium(30_800n)], { currency: 'EUR' });
  });
});

describe('a plan that does not fit', () => {
  it('a term that is longer than it is for', () => {
    refused({}, [premium(30_800n)], { term: { start: '2025-01-01', end: '2026-01-02' } });
  });

  it('a term that has too few due dates', () => {
    const term = { start: '2025-01-01', end: '2025-10-01' };
    refused(getPlan('20-down-9-monthly'), [premium(30_800n)], { term });
  });

  it('an instalment of nothing, with a fee on it, too', () => {
    refused({}, [premium(11n)]);
    refused({}, [charge('fee', 1500n)]);
    refused({ instalmentFee: { USD: 300n } }, [premium(11n)]);
  });

  it('an instalment of less than it allows, which neither fee nor stub is measured by', () => {
    const least = { minInstalment: { USD: 2_000n } };
    expect(amounts(least, [premium(24_000n)])).toEqual(times(12, 2_000));
    refused(least, [premium(23_999n)]);
    refused({ ...least, instalmentFee: { USD: 300n } }, [premium(23_999n)]);
    refused(least, [premium(24_000n)], { currency: 'EUR' });
    const due1 = { ...least, anchor: { mode: 'day_of_month', day: 1 }, prorateStubs: true } as const;
    const term = { start: '2025-01-31', end: '2026-01-31' };
    expect(amounts(due1, [premium(24_000n)], { term })[0]).toBe(65);
  });

  it('more weights than instalments', () => {
    refused({ weights: [3, 2, 1] }, [premium(30_800n)], { term: { start: '2025-01-01', end: '2025-03-01' } });
  });

  it('a place that it is not for', () => {
    const some = { jurisdictions: ['US-NY', 'GB'] };
    expect(amounts(some, [premium(30_800n)], { jurisdiction: 'GB-SCT' })).toHaveLength(12);
    expect(amounts(some, [premium(30_800n)], { jurisdiction: 'US-NY' })).toHaveLength(12);
    for (const jurisdiction of ['US', 'US-NJ', 'GBX', null]) refused(some, [premium(30_800n)], { jurisdiction });
  });

  it('a due day that it does not have, with the pointer to that', () => {
    const choice = { anchor: { mode: 'due_day_choice', days: [1, 15] } } as const;
    const asked = (special: Partial<Plan>) => () => scheduleOf(special, [premium(30_800n)], { dueDay: 2 });
    for (const special of [choice, {}]) {
      expect(asked(special)).toThrow(
        expect.objectContaining({ context: { errors: [expect.objectContaining({ pointer: '/dueDay' })] } }),
      );
    }
  });

  it('more than can be billed', () => {
    refused({ amountBasis: 'per_period' }, [premium(2n ** 52n)]);
  });

  it('a name that is not built in', () => {
    expect(() => getPlan('weekly')).toThrow(expect.objectContaining({ code: 'invalid_policy' }));
  });
});

describe('the built-in plans', () => {
  it('weekly: 52 in a year and in a leap year', () => {
    const weekly = getPlan('1year-weekly');
    expect(amounts(weekly, [premium(520_000n)])).toEqual(times(52, 10_000));
    expect(amounts(weekly, [premium(520_000n)], { term: { start: '2024-01-01', end: '2025-01-01' } })).toHaveLength(52);
  });

  it('twice a year', () => {
    expect(amounts(getPlan('1year-semiannual'), [premium(30_801n)])).toEqual([15_401, 15_400]);
  });

  it('full pay is one, for the whole of any term', () => {
    const term = { start: '2025-01-01', end: '2030-01-01' };
    const { instalments } = planSchedule([premium(30_800n)], getPlan('full-pay'), { term, currency: 'USD' });
    expect(instalments).toEqual([
      {
        ...{ number: 1, source: 'plan', dueOn: '2025-01-01', generateOn: '2025-01-01', autopayOn: '2025-01-01' },
        ...{ period: term, amountMinor: 30_800n, lines: [{ charge: 0, amountMinor: 30_800n }] },
      },
    ]);
  });

  it('have none that is made of only what is said', () => {
    expect(planOf({ name: 'p', label: 'P', cadence: { type: 'full_pay' } })).toMatchObject({ version: 1, weights: [] });
  });
});
