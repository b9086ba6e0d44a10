import fc from 'fast-check';
import { addMonths } from './calendar.ts';
import { instalmentStates } from './instalment.ts';
import { moveSchedule, paidThrough, scheduleTransitions } from './schedule.ts';
import type { CoveredInstalment, ScheduleEvent, ScheduleState } from './schedule.ts';

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

  it('invariant 14: is the end of the unbroken prefix of what is paid, what is cancelled apart, in any order', () => {
    const states = fc.array(fc.constantFrom(...instalmentStates), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(states, fc.boolean(), (list, reversed) => {
        const all = list.map((state, i) => ({ number: i + 1, state, periodEnd: addMonths('2025-01-01', i + 1) }));
        const open = all.find(({ state }) => state !== 'paid' && state !== 'cancelled')?.number ?? Infinity;
        const before = all.findLast(({ number, state }) => number < open && state === 'paid');
        const expected = before?.periodEnd ?? null;
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
