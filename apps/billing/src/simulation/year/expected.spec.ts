import { dateOf, dayOf, monthsAfter } from './days.ts';
import { PolicyYear } from './expected.ts';
import { Fraction } from './fraction.ts';
import { textOf } from './scenario.ts';
import type { Change, PlannedCharge, Scenario } from './scenario.ts';

// The calculation against which the service is held, where a person can follow it: the numbers are those of domain.md.
const premium = (minor: bigint): PlannedCharge => ({ category: 'premium', minor, handling: 'proratable' });
const year = { start: dayOf('2024-02-29'), end: dayOf('2025-02-28') };
const scenario: Scenario = {
  ...{ index: 3, plan: '1year-quarterly', currency: 'USD', zone: 'UTC', ...year, change: null },
  charges: [premium(100_003n), { category: 'fee', minor: 500n, handling: 'fully_earned' }],
};
const play = (change: Change | null, said: Partial<Scenario> = {}) =>
  new PolicyYear({ ...scenario, ...said, change }).play();

describe('the independent calculation', () => {
  it('counts days as a calendar does', () => {
    const first = dayOf('1999-12-25');
    for (let n = 0; n < 500; n++) {
      const date = new Date(Date.UTC(1999, 11, 25 + n)).toISOString().slice(0, 10);
      expect([dateOf(first + n), dayOf(date)]).toEqual([date, first + n]);
    }
    const months = [1, 3, 12].map((count) => dateOf(monthsAfter(dayOf('2024-01-31'), count)));
    expect(months).toEqual(['2024-02-29', '2024-04-30', '2025-01-31']);
  });

  it('rounds halves away from zero', () => {
    expect([Fraction.of(5, 2), Fraction.of(-5, 2), Fraction.of(7, 3)].map((each) => each.round())).toEqual([
      3n,
      -3n,
      2n,
    ]);
    expect(Fraction.of(-7, 3).floor()).toBe(-3n);
  });

  it('bills the odd cents first, and the fee with the first instalment', () => {
    expect(play(null)).toEqual({
      instalments: [
        '2024-02-29 25501 0 2024-05-29',
        '2024-05-29 25001 0 2024-08-29',
        '2024-08-29 25001 0 2024-11-29',
        '2024-11-29 25000 0 2025-02-28',
      ],
      invoices: [
        'instalment 2024-02-29 25501 0',
        'instalment 2024-05-29 25001 0',
        'instalment 2024-08-29 25001 0',
        'instalment 2024-11-29 25000 0',
      ],
      unapplied: 0n,
      paidThrough: '2025-02-28',
    });
  });

  it('gives back what was paid and is not earned', () => {
    // 365 days: 100 of them are 273.98, of 1000.03; two quarters of 500.02 are paid, the fee is kept.
    const effective = year.start + 100;
    const { instalments, unapplied } = play({ kind: 'cancellation', on: effective, effective, method: 'pro_rata' });
    expect(instalments.at(-1)).toBe('2024-06-08 0 0 2024-08-30');
    expect(textOf(unapplied, 'USD')).toBe(textOf(50_002n - 27_398n, 'USD'));
  });

  it('S-31: spreads 151.23 over what is to come', () => {
    const effective = dayOf('2024-06-01');
    const change = {
      kind: 'endorsement',
      on: effective,
      effective,
      charges: [premium(15_123n)],
      isAnnual: false,
    } as const;
    const amounts = play(change).instalments.map((text) => text.split(' ')[1]);
    expect(amounts).toEqual(['25501', '25001', '32563', '32561']);
  });
});
