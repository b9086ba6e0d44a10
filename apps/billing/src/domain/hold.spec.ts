import fc from 'fast-check';
import { addDays } from './calendar.ts';
import { isHeldBy, isHeldOn, releaseHold, viewOf } from './hold.ts';
import type { Hold } from './hold.ts';

const hold: Hold = {
  ...{ tenantId: 't', id: 'h', source: 'hold', targets: ['delinquency'], reason: 'Storm', state: 'active', version: 1 },
  ...{ policyLocator: null, jurisdiction: null, line: null, producerId: null, createdAt: new Date(0) },
  ...{ startsOn: '2025-02-01', endsOn: '2025-05-01' },
} as const;
const policy = { locator: 'p-1', jurisdiction: 'US-LA', line: 'home', producerId: null };

describe('a hold', () => {
  it.each([
    [{}, true],
    [{ policyLocator: 'p-1' }, true],
    [{ policyLocator: 'p-2' }, false],
    [{ jurisdiction: 'US-LA' }, true],
    [{ jurisdiction: 'US-LA', line: 'motor' }, false],
    [{ producerId: 'prod-1' }, false],
  ])('%j of a policy: %s', (scope, expected) => {
    expect(isHeldBy(policy, { ...hold, ...scope })).toBe(expected);
  });

  it.each([
    ['2025-01-31', { isHeld: false, endedOn: null, changesOn: '2025-02-01' }],
    ['2025-02-01', { isHeld: true, endedOn: null, changesOn: '2025-05-01' }],
    ['2025-04-30', { isHeld: true, endedOn: null, changesOn: '2025-05-01' }],
    ['2025-05-01', { isHeld: false, endedOn: '2025-05-01', changesOn: null }],
  ])('on %s: %j', (today, view) => {
    expect(viewOf([hold], today)).toEqual(view);
  });

  it('overlapping another lasts until both have ended', () => {
    const other = { startsOn: '2025-04-01', endsOn: '2025-06-01' };
    expect(viewOf([hold, other], '2025-05-02')).toEqual({
      ...{ isHeld: true, endedOn: '2025-05-01', changesOn: '2025-06-01' },
    });
  });

  it('ends on the day of its release, never later than it would have, and is released once', () => {
    const released = releaseHold(hold, '2025-03-27');
    expect(released).toMatchObject({ state: 'released', endsOn: '2025-03-27', version: 2 });
    expect(releaseHold(hold, '2025-07-01').endsOn).toBe('2025-05-01');
    expect(() => releaseHold(released, '2025-03-28')).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('released before it began has held nothing', () => {
    const never = releaseHold(hold, '2025-01-15');
    expect(never.endsOn).toBe('2025-02-01');
    expect(viewOf([never], '2025-02-01')).toEqual({ isHeld: false, endedOn: null, changesOn: null });
  });

  it('changes only on the dates that it says', () => {
    const date = fc.integer({ min: 0, max: 60 }).map((days) => addDays('2025-01-01', days));
    const some = fc.array(fc.record({ startsOn: date, endsOn: fc.option(date) }), { maxLength: 4 });
    fc.assert(
      fc.property(some, date, (holds, today) => {
        const { isHeld, changesOn } = viewOf(holds, today);
        for (let day = today; day < (changesOn ?? '2025-04-01'); day = addDays(day, 1)) {
          expect(holds.some((each) => isHeldOn(each, day))).toBe(isHeld);
        }
      }),
    );
  });
});
