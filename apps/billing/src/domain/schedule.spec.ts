import fc from 'fast-check';
import { addMonths } from './calendar.ts';
import type { Period } from './calendar.ts';
import type { Charge, ChargeCategory } from './charge.ts';
import { DomainError } from './errors.ts';
import { instalmentStates } from './instalment.ts';
import { builtInPlans, getPlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { moveSchedule, paidThrough, planSchedule, scheduleTransitions } from './schedule.ts';
import type { CoveredInstalment, PlannedSchedule, ScheduleEvent, ScheduleState } from './schedule.ts';

const year: Period = { start: '2025-01-01', end: '2026-01-01' };
const monthly = getPlan('1year-monthly');

function charge(category: ChargeCategory, amountMinor: bigint, handling: Charge['handling'] = 'proratable'): Charge {
  return { category, code: null, amountMinor, handling };
}
const premium = (amountMinor: bigint) => charge('premium', amountMinor);
const amounts = ({ instalments }: PlannedSchedule) => instalments.map(({ amountMinor }) => Number(amountMinor));
const dates = ({ instalments }: PlannedSchedule) => instalments.map(({ dueOn }) => dueOn);
const times = (count: number, minor: number): number[] => Array.from({ length: count }, () => minor);

describe('what the instalments come to', () => {
  it('S-01: 308.00 over twelve months is 8 × 25.67 and 4 × 25.66', () => {
    const planned = planSchedule([premium(30_800n)], monthly, year);
    expect(amounts(planned)).toEqual([...times(8, 2567), ...times(4, 2566)]);
    expect(planned.totalMinor).toBe(30_800n);
  });

  it('S-08: premium 280.00 and tax 28.00, exact in every row and column', () => {
    const planned = planSchedule([charge('tax', 2800n), premium(28_000n)], monthly, year);
    const rows = planned.instalments.map(({ lines }) => lines.map(({ amountMinor }) => Number(amountMinor)));
    expect(rows).toEqual([
      [233, 2334],
      [234, 2333],
      [233, 2334],
      [233, 2334],
      [234, 2333],
      [233, 2334],
      [234, 2333],
      [233, 2334],
      [233, 2333],
      [233, 2333],
      [234, 2332],
      [233, 2333],
    ]);
    expect(amounts(planned)[0]).toBe(2567);
  });

  it('S-08: the order in which charges are sent changes no amount', () => {
    const planned = planSchedule([premium(28_000n), charge('tax', 2800n)], monthly, year);
    expect(planned.instalments[0]?.lines).toEqual([
      { charge: 0, amountMinor: 2334n },
      { charge: 1, amountMinor: 233n },
    ]);
  });

  it('S-10: 1,200.00 with 20 % down and nine instalments', () => {
    const planned = planSchedule([premium(120_000n)], getPlan('20-down-9-monthly'), year);
    expect(amounts(planned)).toEqual([24_000, ...times(6, 10_667), ...times(3, 10_666)]);
    expect(dates(planned)).toEqual(Array.from({ length: 10 }, (_, i) => addMonths('2025-01-01', i)));
    expect(planned.instalments.map(({ period }) => period.end)).toEqual([
      ...Array.from({ length: 9 }, (_, i) => addMonths('2025-01-01', i + 1)),
      '2026-01-01',
    ]);
  });

  it('S-11: 308.00 with 25 % down and nine instalments', () => {
    const plan: Plan = { ...getPlan('20-down-9-monthly'), downPercent: 25 };
    const planned = planSchedule([premium(30_800n)], plan, year);
    expect(amounts(planned)).toEqual([7700, ...times(6, 2567), ...times(3, 2566)]);
    expect(dates(planned).at(-1)).toBe('2025-10-01');
  });

  it('S-16: a fully earned fee is whole on the first instalment and outside the split', () => {
    const planned = planSchedule([premium(30_800n), charge('fee', 1500n, 'fully_earned')], monthly, year);
    expect(amounts(planned)).toEqual([4067, ...times(7, 2567), ...times(4, 2566)]);
    expect(planned.totalMinor).toBe(32_300n);
    expect(planned.instalments[0]?.lines).toContainEqual({ charge: 1, amountMinor: 1500n });
    expect(planned.instalments[1]?.lines).toEqual([{ charge: 0, amountMinor: 2567n }]);
  });

  it('S-02, S-03: other remainder policies are named, not default', () => {
    const last = planSchedule([premium(30_800n)], { ...monthly, remainder: 'last_absorbs' }, year);
    const first = planSchedule([premium(30_800n)], { ...monthly, remainder: 'first_absorbs' }, year);
    expect(amounts(last)).toEqual([...times(11, 2567), 2563]);
    expect(amounts(first)).toEqual([2574, ...times(11, 2566)]);
  });
});

describe('when they are due', () => {
  it('S-18: from the anchor day, never from the date before', () => {
    const planned = planSchedule([premium(30_800n)], monthly, { start: '2025-01-31', end: '2026-01-31' });
    expect(dates(planned).slice(0, 3)).toEqual(['2025-01-31', '2025-02-28', '2025-03-31']);
    expect(dates(planned)).toHaveLength(12);
  });

  it('S-20: a term from 29 February has twelve', () => {
    const planned = planSchedule([premium(30_800n)], monthly, { start: '2024-02-29', end: '2025-02-28' });
    expect(dates(planned)).toHaveLength(12);
    expect(dates(planned).at(-1)).toBe('2025-01-29');
  });

  it('S-21: quarterly', () => {
    const term = { start: '2024-11-30', end: '2025-11-30' };
    expect(dates(planSchedule([premium(30_800n)], getPlan('1year-quarterly'), term))).toEqual([
      '2024-11-30',
      '2025-02-28',
      '2025-05-30',
      '2025-08-30',
    ]);
  });

  it('S-22: a term of six months has six', () => {
    const planned = planSchedule([premium(30_800n)], monthly, { start: '2025-08-31', end: '2026-02-28' });
    expect(dates(planned)).toEqual([
      '2025-08-31',
      '2025-09-30',
      '2025-10-31',
      '2025-11-30',
      '2025-12-31',
      '2026-01-31',
    ]);
    expect(planned.instalments.at(-1)?.period).toEqual({ start: '2026-01-31', end: '2026-02-28' });
  });

  it('full pay is one, for the whole of any term', () => {
    const term = { start: '2025-01-01', end: '2030-01-01' };
    const planned = planSchedule([premium(30_800n)], getPlan('full-pay'), term);
    expect(planned.instalments).toEqual([
      {
        number: 1,
        dueOn: '2025-01-01',
        period: term,
        amountMinor: 30_800n,
        lines: [{ charge: 0, amountMinor: 30_800n }],
      },
    ]);
  });
});

describe('a plan that does not fit', () => {
  const refuses = (plan: Plan, charges: Charge[], term: Period) => {
    const refused = () => planSchedule(charges, plan, term);
    expect(refused).toThrow(DomainError);
    expect(refused).toThrow(expect.objectContaining({ code: 'plan_not_eligible' }));
  };

  it('is refused where the term is longer than a year', () => {
    refuses(monthly, [premium(30_800n)], { start: '2025-01-01', end: '2026-01-02' });
  });

  it('is refused where the term has too few due dates', () => {
    refuses(getPlan('20-down-9-monthly'), [premium(30_800n)], { start: '2025-01-01', end: '2025-10-01' });
  });

  it('is refused where an instalment would be nothing', () => {
    refuses(monthly, [premium(11n)], year);
    refuses(monthly, [charge('fee', 1500n, 'flat')], year);
  });

  it('is refused where the last instalment would have the other sign', () => {
    refuses({ ...monthly, remainder: 'last_absorbs' }, [premium(7n)], year);
  });

  it('is refused where there is none of that name', () => {
    expect(() => getPlan('weekly')).toThrow(expect.objectContaining({ code: 'invalid_policy' }));
  });
});

describe('of any charges, plan and term', () => {
  const anyCharges = fc
    .array(
      fc.record({
        category: fc.constantFrom<ChargeCategory>('premium', 'tax', 'fee', 'surcharge'),
        code: fc.constant(null),
        amountMinor: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        handling: fc.constantFrom<Charge['handling']>('proratable', 'fully_earned', 'flat'),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((charges) => [...charges, premium(100n)]);
  const anyTerm = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 12 })).map(([days, months]) => {
    const start = new Date(Date.UTC(2020, 0, 1 + days)).toISOString().slice(0, 10);
    return { start, end: addMonths(start, months) };
  });

  const planned = (charges: Charge[], plan: Plan, term: Period): PlannedSchedule | null => {
    try {
      return planSchedule(charges, plan, term);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  };

  it('invariants 1 and 2: instalments add up to the total, lines to instalments and to charges', () => {
    fc.assert(
      fc.property(anyCharges, fc.constantFrom(...builtInPlans), anyTerm, (charges, plan, term) => {
        const made = planned(charges, plan, term);
        fc.pre(made !== null);
        const total = charges.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
        expect(made.totalMinor).toBe(total);
        expect(made.instalments.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBe(total);
        for (const { amountMinor, lines } of made.instalments) {
          expect(lines.reduce((sum, line) => sum + line.amountMinor, 0n)).toBe(amountMinor);
        }
        charges.forEach(({ amountMinor }, index) => {
          const own = made.instalments.flatMap(({ lines }) => lines).filter((line) => line.charge === index);
          expect(own.reduce((sum, line) => sum + line.amountMinor, 0n)).toBe(amountMinor);
        });
      }),
    );
  });

  it('periods join without gap or overlap and fill the term; every amount is positive', () => {
    fc.assert(
      fc.property(anyCharges, fc.constantFrom(...builtInPlans), anyTerm, (charges, plan, term) => {
        const made = planned(charges, plan, term);
        fc.pre(made !== null);
        const { instalments } = made;
        expect(instalments[0]?.period.start).toBe(term.start);
        expect(instalments.at(-1)?.period.end).toBe(term.end);
        instalments.slice(1).forEach(({ period }, index) => expect(period.start).toBe(instalments[index]?.period.end));
        expect(instalments.every(({ amountMinor }) => amountMinor > 0n)).toBe(true);
      }),
    );
  });
});

describe('paid through', () => {
  const year = Array.from({ length: 12 }, (_, i): CoveredInstalment => ({
    number: i + 1,
    state: 'billed',
    periodEnd: addMonths('2025-01-01', i + 1),
  }));
  const paid = (...numbers: number[]) =>
    year.map((each): CoveredInstalment => (numbers.includes(each.number) ? { ...each, state: 'paid' } : each));

  it('S-29: three paid instalments from 2025-01-01 reach to 2025-04-01', () => {
    expect(paidThrough(paid(1, 2, 3))).toBe('2025-04-01');
  });

  it('S-29: paying the fifth while the fourth is open moves nothing', () => {
    expect(paidThrough(paid(1, 2, 3, 5))).toBe('2025-04-01');
  });

  it('is null before the first, and the end of the term when all are paid', () => {
    expect(paidThrough(paid(2, 3))).toBeNull();
    expect(paidThrough(paid(...year.map(({ number }) => number)))).toBe('2026-01-01');
  });

  it('invariant 14: is the end of the unbroken paid prefix, in whatever order instalments come', () => {
    const states = fc.array(fc.constantFrom(...instalmentStates), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(states, fc.boolean(), (list, reversed) => {
        const all = list.map((state, i) => ({ number: i + 1, state, periodEnd: addMonths('2025-01-01', i + 1) }));
        const prefix = list.findIndex((state) => state !== 'paid');
        const length = prefix === -1 ? list.length : prefix;
        const expected = length === 0 ? null : all[length - 1]?.periodEnd;
        expect(paidThrough(reversed ? all.toReversed() : all)).toBe(expected);
      }),
    );
  });
});

describe('the states of a schedule', () => {
  const states = Object.keys(scheduleTransitions) as ScheduleState[];
  const events: ScheduleEvent[] = [
    'activate',
    'hold',
    'release',
    'complete',
    'reopen',
    'supersede',
    'cancel',
    'reinstate',
  ];
  const allowed = new Map([
    ['draft activate', 'active'],
    ['active hold', 'on_hold'],
    ['on_hold release', 'active'],
    ['active complete', 'completed'],
    ['completed reopen', 'active'],
    ['active supersede', 'superseded'],
    ['active cancel', 'cancelled'],
    ['on_hold cancel', 'cancelled'],
    ['completed cancel', 'cancelled'],
    ['cancelled reinstate', 'active'],
  ]);

  it.each(states.flatMap((state) => events.map((event) => [state, event] as const)))('%s, %s', (state, event) => {
    const next = allowed.get(`${state} ${event}`);
    if (next) expect(moveSchedule(state, event)).toBe(next);
    else expect(() => moveSchedule(state, event)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });
});
