import { planOf } from './plan.ts';
import type { Plan, PlanRequest } from './plan.ts';
import { INSTALMENTS_MAX, planPeriods } from './plan-dates.ts';

const year = { start: '2025-01-01', end: '2026-01-01' };
const from20th = { start: '2025-01-20', end: '2026-01-20' };
const plan = (special: Partial<Plan> = {}) =>
  planOf({ name: 'p', label: 'P', cadence: { type: 'monthly' }, ...special });
const half = (basisPoints = 5000) => ({ type: 'percent', basisPoints, includesFees: false }) as const;

const periodsOf = (special: Partial<Plan>, request: Partial<PlanRequest> = {}) =>
  planPeriods(plan(special), { term: year, currency: 'USD', ...request });
const dueOf = (special: Partial<Plan>, request: Partial<PlanRequest> = {}) =>
  periodsOf(special, request).map(({ dueOn }) => dueOn);
const refused = (special: Partial<Plan>, request: Partial<PlanRequest> = {}) =>
  expect(() => periodsOf(special, request)).toThrow(expect.objectContaining({ code: 'plan_not_eligible' }));

describe('a cadence', () => {
  it.each([
    ['full_pay', ['2025-01-01']],
    ['annual', ['2025-01-01']],
    ['semiannual', ['2025-01-01', '2025-07-01']],
    ['quarterly', ['2025-01-01', '2025-04-01', '2025-07-01', '2025-10-01']],
  ] as const)('%s', (type, dates) => {
    expect(dueOf({ cadence: { type } })).toEqual(dates);
  });

  it('annual: every year of a longer term, also from 29 February', () => {
    const term = { start: '2024-02-29', end: '2028-02-29' };
    expect(dueOf({ cadence: { type: 'annual' } }, { term })).toEqual([
      '2024-02-29',
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
    ]);
  });

  it('every two weeks counts days, over the change of clocks, too', () => {
    const term = { start: '2025-03-01', end: '2025-04-20' };
    const cadence = { type: 'every_n_weeks', weeks: 2 } as const;
    expect(dueOf({ cadence }, { term })).toEqual(['2025-03-01', '2025-03-15', '2025-03-29', '2025-04-12']);
  });

  it('custom: from the start of the term, in days or in months', () => {
    const term = { start: '2025-01-31', end: '2026-01-31' };
    const months = { type: 'custom', unit: 'months', offsets: [0, 1, 3] } as const;
    const days = { type: 'custom', unit: 'days', offsets: [10, 45] } as const;
    expect(dueOf({ cadence: months }, { term })).toEqual(['2025-01-31', '2025-02-28', '2025-04-30']);
    expect(dueOf({ cadence: days }, { term })).toEqual(['2025-02-10', '2025-03-17']);
    expect(periodsOf({ cadence: days }, { term }).map(({ period }) => period)).toEqual([
      { start: '2025-01-31', end: '2025-03-17' },
      { start: '2025-03-17', end: '2026-01-31' },
    ]);
    refused({ cadence: months }, { term: { start: '2025-01-31', end: '2025-04-30' } });
  });

  it('of a term of no days is refused', () => {
    refused({ cadence: { type: 'full_pay' } }, { term: { start: '2025-01-01', end: '2025-01-01' } });
  });

  it('that makes too many instalments is refused, as is a count that the term does not hold', () => {
    refused({ cadence: { type: 'every_n_weeks', weeks: 1 } }, { term: { start: '2025-01-01', end: '2035-01-01' } });
    refused({ count: 13 });
    expect(INSTALMENTS_MAX).toBeGreaterThan(7 * 53);
  });
});

describe('an anchor', () => {
  it('on a day of the month drops what is before the term, and covers it from its start', () => {
    const anchor = { mode: 'day_of_month', day: 1 } as const;
    const periods = periodsOf({ anchor }, { term: from20th });
    expect(periods.map(({ dueOn }) => dueOn).slice(0, 2)).toEqual(['2025-02-01', '2025-03-01']);
    expect(periods).toHaveLength(12);
    expect(periods[0]?.period).toEqual({ start: '2025-01-20', end: '2025-03-01' });
    expect(periods.at(-1)?.period).toEqual({ start: '2026-01-01', end: '2026-01-20' });
  });

  it('on day 31 is the last of shorter months and never drifts', () => {
    const anchor = { mode: 'day_of_month', day: 31 } as const;
    const term = { start: '2025-02-28', end: '2025-07-31' };
    expect(dueOf({ anchor }, { term })).toEqual(['2025-02-28', '2025-03-31', '2025-04-30', '2025-05-31', '2025-06-30']);
  });

  it('with a down payment has that at the start of the term', () => {
    const anchor = { mode: 'day_of_month', day: 1 } as const;
    const dates = dueOf({ anchor, downPayment: half() }, { term: from20th });
    expect([dates.length, ...dates.slice(0, 3)]).toEqual([13, '2025-01-20', '2025-02-01', '2025-03-01']);
    expect(dueOf({ anchor, downPayment: half() })).toHaveLength(12);
  });

  it('on a weekday is the first such day of the term, then every n weeks', () => {
    const cadence = { type: 'every_n_weeks', weeks: 4 } as const;
    const anchor = { mode: 'weekday', weekday: 'friday' } as const;
    const term = { start: '2025-01-01', end: '2025-03-01' }; // a Wednesday
    expect(dueOf({ cadence, anchor }, { term })).toEqual(['2025-01-03', '2025-01-31', '2025-02-28']);
    expect(dueOf({ cadence, anchor }, { term: { start: '1900-01-05', end: '1900-01-20' } })).toEqual(['1900-01-05']);
  });

  it('that the policyholder chooses is that day, and the start of the term where nobody chose', () => {
    const anchor = { mode: 'due_day_choice', days: [1, 15] } as const;
    expect(dueOf({ anchor, count: 2 }, { term: from20th, dueDay: 15 })).toEqual(['2025-02-15', '2025-03-15']);
    expect(dueOf({ anchor, count: 2 }, { term: from20th })).toEqual(['2025-01-20', '2025-02-20']);
  });

  it('that has no date in the term is refused, unless what is before it is paid for', () => {
    const anchor = { mode: 'day_of_month', day: 1 } as const;
    const term = { start: '2025-01-20', end: '2025-01-28' };
    refused({ anchor }, { term });
    refused({ anchor, amountBasis: 'per_period' }, { term });
    expect(periodsOf({ anchor, prorateStubs: true }, { term })).toMatchObject([
      { dueOn: '2025-01-20', period: term, stub: { days: 8, of: 31 } },
    ]);
  });
});

describe('a period that the term cuts short', () => {
  it('is an instalment of its own, with its days and those of the anchored period', () => {
    const anchor = { mode: 'day_of_month', day: 1 } as const;
    const stubs = periodsOf({ anchor, prorateStubs: true }, { term: from20th }).map(({ stub }) => stub);
    expect(stubs).toEqual([{ days: 12, of: 31 }, ...Array.from({ length: 11 }, () => null), { days: 19, of: 31 }]);
  });

  it('of weeks counts the days of its weeks', () => {
    const special = {
      cadence: { type: 'every_n_weeks', weeks: 2 },
      anchor: { mode: 'weekday', weekday: 'monday' },
      prorateStubs: true,
    } as const;
    const term = { start: '2025-01-01', end: '2025-01-31' };
    const periods = periodsOf(special, { term }).map(({ dueOn, stub }) => [dueOn, stub?.days, stub?.of]);
    expect(periods).toEqual([
      ['2025-01-01', 5, 14],
      ['2025-01-06', undefined, undefined],
      ['2025-01-20', 11, 14],
    ]);
  });

  it('is none where the term starts and ends on the anchor', () => {
    expect(periodsOf({ prorateStubs: true }).every(({ stub }) => stub === null)).toBe(true);
  });
});

describe('days of lead', () => {
  it('make a due date earlier, the invoice earlier still, and the charge in between', () => {
    const special = { generateLeadDays: 20, dueLeadDays: 10, autopayLeadDays: 2 };
    expect(periodsOf(special)[1]).toEqual({
      dueOn: '2025-01-22',
      generateOn: '2025-01-02',
      autopayOn: '2025-01-20',
      period: { start: '2025-02-01', end: '2025-03-01' },
      stub: null,
    });
  });

  it('let a renewal be due before its term, but nothing that is issued', () => {
    const special = { dueLeadDays: 10, generateLeadDays: 5 };
    expect(periodsOf(special)[0]).toMatchObject({ dueOn: '2025-01-01', generateOn: '2024-12-27' });
    const renewed = periodsOf(special, { transaction: 'renewal' });
    expect(renewed[0]).toMatchObject({ dueOn: '2024-12-22', period: { start: '2025-01-01', end: '2025-02-01' } });
  });
});

describe('a blackout', () => {
  it('has nothing due in the last days of the term: the instalment before covers them', () => {
    const periods = periodsOf({ blackoutDaysBeforeExpiry: 32 });
    expect(periods).toHaveLength(11);
    expect(periods.at(-1)).toMatchObject({ dueOn: '2025-11-01', period: { start: '2025-11-01', end: '2026-01-01' } });
    expect(periodsOf({ blackoutDaysBeforeExpiry: 31 })).toHaveLength(12);
  });

  it('counts from the due date, and never takes the first instalment', () => {
    expect(periodsOf({ blackoutDaysBeforeExpiry: 32, dueLeadDays: 1 })).toHaveLength(12);
    expect(dueOf({ blackoutDaysBeforeExpiry: 30 }, { term: { start: '2025-01-01', end: '2025-01-10' } })).toEqual([
      '2025-01-01',
    ]);
  });

  it('that leaves too few for the count is refused', () => {
    refused({ count: 12, blackoutDaysBeforeExpiry: 32 });
  });
});

describe('a down payment of periods', () => {
  it('leaves so many instalments out as it pays ahead', () => {
    const downPayment = { type: 'periods', periods: 2, includesFees: false } as const;
    const dates = dueOf({ downPayment });
    expect([dates.length, dates[1], dates.at(-1)]).toEqual([11, '2025-02-01', '2025-11-01']);
    expect(dueOf({ downPayment, count: 4 })).toHaveLength(4);
    refused({ downPayment: { ...downPayment, periods: 13 } });
  });
});
