import fc from 'fast-check';
import { alignedWith, categoryOfReturn, defaultRetryDays, nextAttempt, nextPresentment } from './retry.ts';
import { addDays } from './calendar.ts';

const firstOn = '2025-01-01';

describe('the next attempt after a failure that may pass', () => {
  it.each([
    [1, '2025-01-01', '2025-01-02'],
    [2, '2025-01-02', '2025-01-04'],
    [3, '2025-01-04', '2025-01-06'],
    [4, '2025-01-06', '2025-01-08'],
  ])('attempt %i failed on %s: the next is on %s', (attempt, failedOn, on) => {
    expect(nextAttempt({ attempt, firstOn, failedOn })).toEqual({ attempt: attempt + 1, on });
  });

  it('there is none after D+7', () => {
    expect(nextAttempt({ attempt: defaultRetryDays.length, firstOn, failedOn: '2025-01-08' })).toBeNull();
  });

  it('a failure that was told late is not tried again on the day it was told', () => {
    expect(nextAttempt({ attempt: 1, firstOn, failedOn: '2025-01-05' })).toEqual({ attempt: 2, on: '2025-01-06' });
  });

  it('S-68: of a charge due on 2025-03-01 the retries are on 03-02, 03-04, 03-06 and 03-08, before the notice', () => {
    const terms = { days: alignedWith(defaultRetryDays, [8]), before: '2025-03-09' };
    let failed = { attempt: 1, firstOn: '2025-03-01', failedOn: '2025-03-01' };
    const retries: string[] = [];
    for (let next = nextAttempt(failed, terms); next; next = nextAttempt(failed, terms)) {
      retries.push(next.on);
      failed = { ...failed, attempt: next.attempt, failedOn: next.on };
    }
    expect(retries).toEqual(['2025-03-02', '2025-03-04', '2025-03-06', '2025-03-08']);
  });

  it('S-76: Kill Bill waits 1, 8, 4 and 7 days; its states of days 10, 14 and 21 each follow a retry by a day', () => {
    const days = [0, 1, 9, 13, 20];
    expect(alignedWith(days, [10, 14, 21])).toEqual(days);
  });

  it('is never on a day of escalation nor after the last, whatever the profile and however late the failure', () => {
    const profiles = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 6 });
    const escalations = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(profiles, escalations, fc.integer({ min: 0, max: 30 }), (all, steps, late) => {
        const days = alignedWith([0, ...all.toSorted((a, b) => a - b)], steps);
        const before = addDays(firstOn, Math.max(...steps));
        const next = nextAttempt({ attempt: 1, firstOn, failedOn: addDays(firstOn, late) }, { days, before });
        expect(days.slice(1).some((day) => steps.includes(day))).toBe(false);
        expect(next === null || addDays(next.on, 1) <= before).toBe(true);
      }),
    );
  });
});

describe('an entry that the bank sends back', () => {
  const entry = { attempt: 1, firstOn, failedOn: '2025-01-06', settledOn: '2025-01-03' };

  it.each([
    ['R01', 'soft'],
    ['R09', 'soft'],
    ['R02', 'hard'],
    ['R03', 'hard'],
    ['R04', 'hard'],
    ['R05', 'hard'],
    ['R07', 'hard'],
    ['R10', 'hard'],
    ['R29', 'hard'],
    ['chargeback', 'hard'],
    ['R11', 'needs_customer'],
    ['R99', 'needs_customer'],
  ])('%s is %s', (code, category) => {
    expect(categoryOfReturn(code)).toBe(category);
    const next = nextPresentment({ ...entry, code, returns: 1 });
    expect(next).toEqual(category === 'soft' ? { attempt: 2, on: '2025-01-07' } : null);
  });

  it('S-89: R01 is presented twice more, and a third time it is not', () => {
    const again = (returns: number) => nextPresentment({ ...entry, code: 'R01', attempt: returns, returns });
    expect([again(1)?.attempt, again(2)?.attempt, again(3)]).toEqual([2, 3, null]);
  });

  it('S-89: is presented after the retries of the first entry, and at all only where something is tried again', () => {
    const fourth = { ...entry, code: 'R01', attempt: 5, returns: 1 };
    const terms = (days: number[]) => nextPresentment(fourth, { days, before: '2025-01-14' });
    expect(terms([0, 1, 3, 5, 7])).toEqual({ attempt: 6, on: '2025-01-07' });
    expect(terms([0])).toBeNull();
    expect(nextPresentment(fourth, { days: [0, 1], before: '2025-01-07' })).toBeNull();
  });

  it('S-89: nor more than 180 days after the original entry settled', () => {
    const failedOn = (date: string) => nextPresentment({ ...entry, code: 'R01', returns: 1, failedOn: date });
    expect([failedOn('2025-07-01')?.on, failedOn('2025-07-02')]).toEqual(['2025-07-02', null]);
  });
});
