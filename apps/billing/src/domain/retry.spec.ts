import { attemptsMax, nextAttempt } from './retry.ts';

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
    expect(nextAttempt({ attempt: attemptsMax, firstOn, failedOn: '2025-01-08' })).toBeNull();
  });

  it('a failure that was told late is not tried again on the day it was told', () => {
    expect(nextAttempt({ attempt: 1, firstOn, failedOn: '2025-01-05' })).toEqual({ attempt: 2, on: '2025-01-06' });
  });
});
