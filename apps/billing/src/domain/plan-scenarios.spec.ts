// The scenarios of splitting and of dates, by their numbers. Amounts are written as a person would: '8 × 25.67' is
// eight instalments in a row of that much.
import { formatAmount, parseAmount } from '@quittance/money/money';
import { addMonths, daysBetween } from './calendar.ts';
import type { Period } from './calendar.ts';
import { defaultHandling } from './charge.ts';
import type { Charge, ChargeCategory } from './charge.ts';
import { isExemptCredit } from './exempt-credit.ts';
import { getPlan, planOf } from './plan.ts';
import type { Plan, PlanRequest } from './plan.ts';
import { instalmentAmounts } from './plan-amounts.ts';
import { planSchedule } from './schedule.ts';
import type { PlannedSchedule } from './schedule.ts';
import { chargeDate } from './subscription.ts';

type Charged = readonly [category: ChargeCategory, amount: string, handling?: Charge['handling']];

interface Scenario {
  readonly what: string;
  readonly plan: Plan;
  readonly charges: readonly Charged[];
  readonly currency?: string;
  readonly term?: Period;
  readonly asked?: Partial<PlanRequest>;
  /** What is expected; what a scenario does not speak of is left out. */
  readonly amounts?: string;
  readonly total?: string;
  readonly dates?: readonly string[];
  readonly firstPeriod?: Period;
  readonly lastPeriod?: Period;
}

const year = { start: '2025-01-01', end: '2026-01-01' };
const monthly = getPlan('1year-monthly');
const quarterly = getPlan('1year-quarterly');
const down9 = getPlan('20-down-9-monthly');
const premium = (amount: string): Charged[] => [['premium', amount]];
const monthsFrom = (start: string, count: number) => Array.from({ length: count }, (_, i) => addMonths(start, i));

const perMonth = planOf({
  name: 'per-month',
  label: 'Per month',
  cadence: { type: 'monthly' },
  amountBasis: 'per_period',
});
const onTheFirst = { mode: 'day_of_month', day: 1 } as const;

function planned({ plan, charges, currency = 'USD', term = year, asked }: Scenario): PlannedSchedule {
  const priced = charges.map(([category, amount, handling = defaultHandling(category)]) => {
    return { category, code: null, amountMinor: parseAmount(amount, currency).minor, handling };
  });
  return planSchedule(priced, plan, { term, currency, ...asked });
}

/** '8 × 25.67 + 4 × 25.66' of twelve amounts. */
function told(amounts: readonly bigint[], currency: string): string {
  const runs: { amount: string; times: number }[] = [];
  for (const minor of amounts) {
    const amount = formatAmount({ minor, currency });
    const last = runs.at(-1);
    if (last?.amount === amount) last.times += 1;
    else runs.push({ amount, times: 1 });
  }
  return runs.map(({ amount, times }) => (times === 1 ? amount : `${times} × ${amount}`)).join(' + ');
}

const splitting: Record<string, Scenario> = {
  'S-01': {
    what: '308.00 over twelve months',
    plan: monthly,
    charges: premium('308.00'),
    amounts: '8 × 25.67 + 4 × 25.66',
    total: '308.00',
  },
  'S-02': {
    what: 'the same, the last one absorbs',
    plan: { ...monthly, remainderPolicy: 'last_absorbs' },
    charges: premium('308.00'),
    amounts: '11 × 25.67 + 25.63',
  },
  'S-03': {
    what: 'the same, the first one absorbs',
    plan: { ...monthly, remainderPolicy: 'first_absorbs' },
    charges: premium('308.00'),
    amounts: '25.74 + 11 × 25.66',
  },
  'S-04': { what: '90.00 over twelve', plan: monthly, charges: premium('90.00'), amounts: '12 × 7.50' },
  'S-05': {
    what: '100.00 over three',
    plan: { ...monthly, count: 3 },
    charges: premium('100.00'),
    amounts: '33.34 + 2 × 33.33',
  },
  'S-06': {
    what: '1,000.00 over seven',
    plan: { ...monthly, count: 7 },
    charges: premium('1000.00'),
    amounts: '5 × 142.86 + 2 × 142.85',
  },
  'S-08': {
    what: 'premium 280.00 and tax 28.00: totals as S-01, not the 25.68 of two splits',
    plan: monthly,
    charges: [
      ['tax', '28.00'],
      ['premium', '280.00'],
    ],
    amounts: '8 × 25.67 + 4 × 25.66',
  },
  'S-09 JPY': {
    what: 'a currency without decimals',
    plan: monthly,
    charges: premium('308'),
    currency: 'JPY',
    amounts: '8 × 26 + 4 × 25',
  },
  'S-09 KWD': {
    what: 'a currency with three',
    plan: monthly,
    charges: premium('308.000'),
    currency: 'KWD',
    amounts: '8 × 25.667 + 4 × 25.666',
  },
  'S-10': {
    what: '1,200.00, 20 % down and nine instalments, the last one until the term ends',
    plan: down9,
    charges: premium('1200.00'),
    amounts: '240.00 + 6 × 106.67 + 3 × 106.66',
    dates: monthsFrom('2025-01-01', 10),
    firstPeriod: { start: '2025-01-01', end: '2025-02-01' },
    lastPeriod: { start: '2025-10-01', end: '2026-01-01' },
  },
  'S-11': {
    what: '308.00, 25 % down and nine instalments',
    plan: { ...down9, downPayment: { type: 'percent', basisPoints: 2500, includesFees: false } },
    charges: premium('308.00'),
    amounts: '77.00 + 6 × 25.67 + 3 × 25.66',
    dates: monthsFrom('2025-01-01', 10),
    lastPeriod: { start: '2025-10-01', end: '2026-01-01' },
  },
  'S-13 of 700.00': {
    what: 'weights [3, 2], padded with 1',
    plan: { ...quarterly, weights: [3, 2] },
    charges: premium('700.00'),
    amounts: '300.00 + 200.00 + 2 × 100.00',
  },
  'S-13 of 1,000.00': {
    what: 'the same weights, where they leave odd cents',
    plan: { ...quarterly, weights: [3, 2] },
    charges: premium('1000.00'),
    amounts: '428.57 + 285.71 + 2 × 142.86',
  },
  'S-14': {
    what: 'a return of 308.00 is the mirror of S-01',
    plan: monthly,
    charges: premium('-308.00'),
    amounts: '8 × -25.67 + 4 × -25.66',
    total: '-308.00',
  },
  'S-15': {
    what: '308.00 with a fee of 3.00 on every instalment but the first',
    plan: { ...monthly, instalmentFee: { USD: 300n } },
    charges: premium('308.00'),
    amounts: '25.67 + 7 × 28.67 + 4 × 28.66',
    total: '341.00',
  },
  'S-16': {
    what: 'a policy fee of 15.00 is whole on the first instalment, and outside the split',
    plan: monthly,
    charges: [
      ['premium', '308.00'],
      ['fee', '15.00', 'fully_earned'],
    ],
    amounts: '40.67 + 7 × 25.67 + 4 × 25.66',
    total: '323.00',
  },
  'S-17': {
    what: 'premium 100.00 and tax 20.00 in two: the invoice is of 60.00',
    plan: { ...monthly, count: 2 },
    charges: [
      ['premium', '100.00'],
      ['tax', '20.00'],
    ],
    amounts: '2 × 60.00',
  },
};

const dating: Record<string, Scenario> = {
  'S-18': {
    what: 'monthly from 31 January: the last day of each month, without drift',
    plan: monthly,
    charges: premium('308.00'),
    term: { start: '2025-01-31', end: '2026-01-31' },
    dates: [
      ...['2025-01-31', '2025-02-28', '2025-03-31', '2025-04-30', '2025-05-31', '2025-06-30'],
      ...['2025-07-31', '2025-08-31', '2025-09-30', '2025-10-31', '2025-11-30', '2025-12-31'],
    ],
  },
  'S-19': {
    what: 'monthly from 30 January',
    plan: { ...monthly, count: 4 },
    charges: premium('308.00'),
    term: { start: '2025-01-30', end: '2026-01-30' },
    dates: ['2025-01-30', '2025-02-28', '2025-03-30', '2025-04-30'],
  },
  'S-20': {
    what: 'a year from 29 February',
    plan: monthly,
    charges: premium('308.00'),
    term: { start: '2024-02-29', end: addMonths('2024-02-29', 12) },
    dates: monthsFrom('2024-02-29', 12),
    lastPeriod: { start: '2025-01-29', end: '2025-02-28' },
  },
  'S-21': {
    what: 'quarterly from 30 November',
    plan: quarterly,
    charges: premium('308.00'),
    term: { start: '2024-11-30', end: '2025-11-30' },
    dates: ['2024-11-30', '2025-02-28', '2025-05-30', '2025-08-30'],
  },
  'S-22': {
    what: 'six months from 31 August',
    plan: monthly,
    charges: premium('308.00'),
    term: { start: '2025-08-31', end: '2026-02-28' },
    dates: ['2025-08-31', '2025-09-30', '2025-10-31', '2025-11-30', '2025-12-31', '2026-01-31'],
    lastPeriod: { start: '2026-01-31', end: '2026-02-28' },
  },
  'S-23': {
    what: '100.00 a month, the last one cut short: 16 of 30 days',
    plan: { ...perMonth, prorateStubs: true },
    charges: premium('100.00'),
    term: { start: '2020-01-01', end: '2020-06-17' },
    amounts: '5 × 100.00 + 53.33',
    total: '553.33',
  },
  'S-24, prorated': {
    what: '100.00 a month on the first, from 20 January: 12 of 31 days are due at once',
    plan: { ...perMonth, anchor: onTheFirst, prorateStubs: true },
    charges: premium('100.00'),
    term: { start: '2025-01-20', end: '2026-01-01' },
    amounts: '38.71 + 11 × 100.00',
    dates: ['2025-01-20', ...monthsFrom('2025-02-01', 11)],
    firstPeriod: { start: '2025-01-20', end: '2025-02-01' },
  },
  'S-24, not prorated': {
    what: 'the same where nobody prorates: due on 1 February for 100.00, the days before it unbilled',
    plan: { ...perMonth, anchor: onTheFirst },
    charges: premium('100.00'),
    term: { start: '2025-01-20', end: '2026-01-01' },
    amounts: '11 × 100.00',
    dates: monthsFrom('2025-02-01', 11),
    firstPeriod: { start: '2025-02-01', end: '2025-03-01' },
  },
};

describe.each([
  ['what the instalments come to', splitting],
  ['when they are due', dating],
])('%s', (_name, scenarios) => {
  it.each(Object.entries(scenarios).map(([number, scenario]) => [number, scenario.what, scenario] as const))(
    '%s: %s',
    (_number, _what, scenario) => {
      const { currency = 'USD', amounts, total, dates, firstPeriod, lastPeriod } = scenario;
      const { instalments, totalMinor } = planned(scenario);
      const due = instalments.map(({ amountMinor }) => amountMinor);
      if (amounts) expect(told(due, currency)).toBe(amounts);
      if (total) expect(formatAmount({ minor: totalMinor, currency })).toBe(total);
      if (dates) expect(instalments.map(({ dueOn }) => dueOn)).toEqual(dates);
      if (firstPeriod) expect(instalments[0]?.period).toEqual(firstPeriod);
      if (lastPeriod) expect(instalments.at(-1)?.period).toEqual(lastPeriod);
      expect(due.reduce((sum, amount) => sum + amount, 0n)).toBe(totalMinor);
    },
  );
});

describe('what the table cannot tell', () => {
  const tax = {
    totalMinor: 7n,
    currency: 'USD',
    wholeMinor: 0n,
    periods: Array.from({ length: 12 }, () => ({ stub: null })),
  };

  it('S-07: 0.07 over twelve is 7 × 0.01, then nothing', () => {
    expect(told(instalmentAmounts(monthly, tax), 'USD')).toBe('7 × 0.01 + 5 × 0.00');
  });

  it('S-07: where the last one absorbs it would be -0.04, so the plan is refused', () => {
    const refused = () => instalmentAmounts({ ...monthly, remainderPolicy: 'last_absorbs' }, tax);
    expect(refused).toThrow(expect.objectContaining({ code: 'plan_not_eligible' }));
  });

  it('S-07: the tax of 0.07 has lines of nothing beside premium that has none', () => {
    const { instalments } = planned({
      what: '',
      plan: monthly,
      charges: [
        ['tax', '0.07'],
        ['premium', '308.00'],
      ],
    });
    const lines = instalments.map((each) => each.lines.find(({ charge }) => charge === 0)?.amountMinor ?? 0n);
    expect(lines.reduce((sum, line) => sum + line, 0n)).toBe(7n);
    expect(lines.every((line) => line === 0n || line === 1n)).toBe(true);
  });

  it('S-08: row by row, tax and premium', () => {
    const { instalments } = planned(splitting['S-08']!);
    const rows = instalments.map(({ lines }) => lines.map(({ amountMinor }) => Number(amountMinor)));
    expect(rows).toEqual([
      ...[[233, 2334], [234, 2333], [233, 2334], [233, 2334], [234, 2333], [233, 2334]], // prettier-ignore
      ...[[234, 2333], [233, 2334], [233, 2333], [233, 2333], [234, 2332], [233, 2333]], // prettier-ignore
    ]);
  });

  it('S-08: the order in which charges are sent changes no amount', () => {
    const charges: Charged[] = [
      ['premium', '280.00'],
      ['tax', '28.00'],
    ];
    expect(planned({ what: '', plan: monthly, charges }).instalments[0]?.lines).toEqual([
      { charge: 0, amountMinor: 2334n },
      { charge: 1, amountMinor: 233n },
    ]);
  });

  it('S-12: 2,500.00 down and ten of 750.00 are a contract of 10,000.00, counted from the day of the link', () => {
    expect(250_000n + 10n * 75_000n).toBe(1_000_000n);
    expect([1, 2, 10].map((period) => chargeDate('2025-01-31', 'monthly', period))).toEqual([
      '2025-02-28',
      '2025-03-31',
      '2025-11-30',
    ]);
  });

  it('S-15: the fee is a charge of its own, with a line of its own, and the premium is still 308.00', () => {
    const { charges, instalments } = planned(splitting['S-15']!);
    expect(charges).toEqual([
      { category: 'premium', code: null, amountMinor: 30_800n, handling: 'proratable' },
      { category: 'fee', code: 'instalment_fee', amountMinor: 3_300n, handling: 'fully_earned' },
    ]);
    expect(instalments[0]?.lines).toEqual([{ charge: 0, amountMinor: 2567n }]);
    expect(instalments[1]?.lines).toEqual([
      { charge: 0, amountMinor: 2567n },
      { charge: 1, amountMinor: 300n },
    ]);
  });

  it('S-20, S-22: a year from 29 February has 365 days, six months from 31 August have 181', () => {
    expect(daysBetween('2024-02-29', addMonths('2024-02-29', 12))).toBe(365);
    expect(daysBetween('2025-08-31', addMonths('2025-08-31', 6))).toBe(181);
  });

  it('S-28: twelve payments from a month after the agreement are regulated credit, eleven of 28.00 are exempt', () => {
    const agreedOn = '2015-09-10';
    const from = '2015-10-10';
    expect(isExemptCredit({ agreedOn, dueOn: monthsFrom(from, 12), isFree: true })).toBe(false);
    expect(isExemptCredit({ agreedOn, dueOn: monthsFrom(from, 11), isFree: true })).toBe(true);
    expect(isExemptCredit({ agreedOn, dueOn: monthsFrom(from, 11), isFree: false })).toBe(false);
    const term = { start: from, end: addMonths(from, 12) };
    const exempt: Scenario = {
      what: '',
      plan: { ...monthly, exemptCreditOnly: true },
      charges: premium('308.00'),
      currency: 'GBP',
      term,
      asked: { agreedOn },
    };
    expect(() => planned(exempt)).toThrow(expect.objectContaining({ code: 'plan_not_eligible' }));
    const eleven = planned({ ...exempt, plan: { ...exempt.plan, count: 11 } });
    expect(told(eleven.instalments.map(({ amountMinor }) => amountMinor), 'GBP')).toBe('11 × 28.00'); // prettier-ignore
  });
});
