import fc from 'fast-check';
import {
  advanceReplay,
  cancelReplay,
  chooseForReplay,
  failReplay,
  idAt,
  idBefore,
  instantOf,
  postponeReplay,
  startReplay,
} from './replay.ts';
import type { Candidate, Replay, ReplayState } from './replay.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const after = (ms: number) => new Date(now.getTime() + ms);
const request = {
  ...{ tenantId: 't', id: 'r', endpointId: 'e', eventTypes: null, onlyFailed: true, ratePerSecond: 50 },
  ...{ fromId: idAt(after(-60_000)), untilId: idAt(now) },
};
const replay = (over: Partial<Replay> = {}): Replay => ({ ...startReplay(request, now), ...over });

describe('ids and time', () => {
  it('the least id of an instant', () => {
    expect(idAt(new Date('2025-01-01T00:00:00.000Z'))).toBe('01941f29-7c00-0000-0000-000000000000');
    expect(instantOf('01941f29-7c00-7abc-8def-000000000000')).toEqual(new Date('2025-01-01T00:00:00.000Z'));
  });

  it('an id of an instant is neither before it nor after the next millisecond', () => {
    const instant = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.uuid({ version: 7 }), (date, random) => {
        const id = idAt(date).slice(0, 13) + random.slice(13);
        expect(id >= idAt(date)).toBe(true);
        expect(id < idAt(new Date(date.getTime() + 1))).toBe(true);
        expect(instantOf(id)).toEqual(date);
      }),
    );
  });

  it('nothing lies between an id and the one before it', () => {
    expect(idBefore('01941f29-7c00-0000-0000-000000000000')).toBe('01941f29-7bff-ffff-ffff-ffffffffffff');
    expect(idBefore('00000000-0000-0000-0000-000000000000')).toBe('00000000-0000-0000-0000-000000000000');
    fc.assert(fc.property(fc.uuid(), (id) => expect(idBefore(id) < id).toBe(true)));
  });
});

it('a range that ends before it begins is refused, by its pointer', () => {
  const refused = { code: 'replay_range_empty', context: { errors: [expect.objectContaining({ pointer: '/to' })] } };
  expect(() => startReplay({ ...request, fromId: request.untilId }, now)).toThrow(expect.objectContaining(refused));
});

describe('every state and command', () => {
  const states: ReplayState[] = ['running', 'completed', 'cancelled', 'failed'];
  it.each(states)('%s may be cancelled while it runs, and only then', (state) => {
    const cancel = () => cancelReplay(replay({ state }), now);
    if (state === 'running') expect(cancel()).toMatchObject({ state: 'cancelled', finishedAt: now });
    else expect(cancel).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('a failure says why, a wait only when', () => {
    const failed = failReplay(replay(), 'endpoint_disabled', now);
    expect(failed).toMatchObject({ state: 'failed', failure: 'endpoint_disabled', finishedAt: now });
    expect(postponeReplay(replay(), now, 5_000)).toEqual(replay({ nextStepAt: after(5_000) }));
  });
});

describe('advanceReplay', () => {
  const step = { lastId: 'x', scanned: 500, replayed: 50, isEnd: false };

  it('waits as long as what it sent is worth: 50 a second', () => {
    expect(advanceReplay(replay(), step, now)).toMatchObject({ cursorId: 'x', nextStepAt: after(1_000), version: 1 });
    expect(advanceReplay(replay(), { ...step, replayed: 10 }, now).nextStepAt).toEqual(after(200));
  });

  it('passing over what is not sent costs nothing and says nothing', () => {
    const next = advanceReplay(replay(), { ...step, replayed: 0 }, now);
    expect(next).toMatchObject({ nextStepAt: now, version: 0, scanned: 500, replayed: 0, state: 'running' });
  });

  it('at the end it is completed', () => {
    const next = advanceReplay(replay(), { lastId: null, scanned: 0, replayed: 0, isEnd: true }, now);
    expect(next).toMatchObject({ state: 'completed', finishedAt: now, cursorId: replay().cursorId });
  });
});

describe('F25 no double and no hole, by whatever steps a range is walked', () => {
  const messages = fc.uniqueArray(
    fc.record({
      id: fc.uuid(),
      type: fc.constantFrom('payment.posted', 'payment.failed', 'invoice.paid'),
      isOpen: fc.boolean(),
      result: fc.constantFrom(null, 'delivered', 'exhausted', 'aborted'),
    }),
    { selector: ({ id }) => id, maxLength: 60 },
  );
  const accepts = ({ type }: Candidate) => type !== 'invoice.paid';

  it('each message that belongs to it is sent once, the others never', () => {
    const args = [messages, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.boolean()] as const;
    fc.assert(
      fc.property(...args, (all, pageMax, budget, onlyFailed) => {
        const ordered = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const rules = { eventTypes: null, onlyFailed };
        const sent: string[] = [];
        let state = replay({ cursorId: idBefore('00000000-0000-0000-0000-000000000000') });
        for (let steps = 0; state.state === 'running'; steps += 1) {
          expect(steps).toBeLessThan(200);
          const page = ordered.filter(({ id }) => id > state.cursorId).slice(0, pageMax);
          const { chosen, step } = chooseForReplay(rules, page, { accepts, budget, pageMax });
          expect(chosen.length).toBeLessThanOrEqual(budget);
          sent.push(...chosen.map(({ id }) => id));
          state = advanceReplay(state, { ...step, replayed: chosen.length }, now);
        }
        const belongs = ordered.filter(
          (one) => accepts(one) && !one.isOpen && !(onlyFailed && one.result === 'delivered'),
        );
        expect(sent).toEqual(belongs.map(({ id }) => id));
        expect(state).toMatchObject({ scanned: ordered.length, replayed: belongs.length });
      }),
    );
  });

  it('only the types that were asked for', () => {
    const page: Candidate[] = ['payment.posted', 'payment.failed'].map((type, at) => ({
      ...{ id: `${at}`, type, isOpen: false, result: null },
    }));
    const chosenOf = (eventTypes: string[]) =>
      chooseForReplay({ eventTypes, onlyFailed: false }, page, { accepts, budget: 9, pageMax: 9 }).chosen;
    expect(chosenOf(['payment.failed']).map(({ id }) => id)).toEqual(['1']);
    expect(chosenOf(['payment.*']).map(({ id }) => id)).toEqual(['0', '1']);
  });
});
