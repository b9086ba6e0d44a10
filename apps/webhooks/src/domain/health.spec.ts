import { assess, noticeReason, streaksOf } from './health.ts';
import type { Failing, Observation } from './health.ts';

const hour = 3_600_000;
const start = new Date('2026-03-01T12:00:00.000Z');
const at = (hours: number) => new Date(start.getTime() + hours * hour);
const failing = (over: Partial<Failing> = {}): Failing => ({
  ...{ since: start, failures: 20, lastFailureAt: at(12), notices: 3 },
  ...over,
});

describe('F20 an endpoint is not switched off too eagerly', () => {
  it('120 hours without a success, 20 failures, 12 hours between the first and the last: all three', () => {
    expect(assess(failing(), at(120)).disable).toBe(true);
  });

  it.each([
    ['19 failures', failing({ failures: 19 }), at(1_000)],
    ['11 hours of spread', failing({ failures: 5_000, lastFailureAt: at(11) }), at(1_000)],
    ['a minute less than 120 hours', failing({ failures: 5_000, lastFailureAt: at(119) }), at(120 - 1 / 60)],
  ])('%s: not', (_, state, now) => {
    expect(assess(state, now).disable).toBe(false);
  });

  it('over a whole outage, an attempt an hour, it is at the 120th hour and not before', () => {
    const disabledAt = Array.from({ length: 130 }, (_, hours) => hours).find(
      (hours) => assess(failing({ failures: hours + 1, lastFailureAt: at(hours) }), at(hours)).disable,
    );
    expect(disabledAt).toBe(120);
  });
});

describe('notices before', () => {
  it.each([
    [0.99, 0, at(1)],
    [1, 1, at(24)],
    [23.9, 1, at(24)],
    [24, 2, at(72)],
    [72, 3, at(120)],
    [119, 3, at(120)],
    [120, 3, at(121)],
    [125.5, 3, at(126.5)],
  ])('after %d hours %d are due, and the next look is then', (hours, notices, assessAt) => {
    expect(assess(failing({ failures: 3, notices: 0 }), at(hours))).toEqual({ disable: false, notices, assessAt });
  });

  it('said once each, and a watch that slept through two says only the later one', () => {
    const said: string[] = [];
    let state = failing({ failures: 3, notices: 0 });
    for (const hours of [0.5, 1, 1.1, 80, 81]) {
      const { notices } = assess(state, at(hours));
      if (notices > state.notices) said.push(noticeReason(notices));
      state = { ...state, notices };
    }
    expect(said).toEqual(['failing_1h', 'failing_72h']);
  });
});

describe('streaksOf', () => {
  const seen = (endpointId: string, over: Partial<Observation> = {}): Observation => ({
    ...{ tenantId: 't', endpointId, succeeded: false, exhausted: false, status: 500, at: start },
    ...over,
  });

  it('counts what failed since the last success, and knows that there was one', () => {
    const [streak, ...others] = streaksOf([
      seen('e', { status: 404 }),
      seen('e', { succeeded: true, status: 200 }),
      seen('e', { at: at(1), status: 404, exhausted: true }),
      seen('e', { at: at(2), status: null }),
    ]);
    expect(others).toEqual([]);
    expect(streak).toEqual({
      ...{ tenantId: 't', endpointId: 'e', succeeded: true, failures: 2, exhausted: 1, suspects: 1 },
      ...{ firstAt: at(1), lastAt: at(2), lastStatus: null },
    });
  });

  it('a success at the end leaves nothing failing', () => {
    expect(streaksOf([seen('e'), seen('e', { succeeded: true })])).toMatchObject([{ succeeded: true, failures: 0 }]);
  });

  it.each([400, 401, 403, 404, 413, 415, 422])('%d is suspected to be permanent', (status) => {
    expect(streaksOf([seen('e', { status })])).toMatchObject([{ suspects: 1 }]);
  });

  it.each([null, 302, 408, 409, 410, 429, 500, 503])('%p is not', (status) => {
    expect(streaksOf([seen('e', { status })])).toMatchObject([{ suspects: 0 }]);
  });

  it('is in the order of ids, whatever came first', () => {
    expect(streaksOf([seen('b'), seen('c'), seen('a')]).map(({ endpointId }) => endpointId)).toEqual(['a', 'b', 'c']);
  });
});
