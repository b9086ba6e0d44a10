import fc from 'fast-check';
import { Breaker } from './breaker.ts';
import type { Answer } from './breaker.ts';

const second = 1_000;
const minute = 60 * second;

function answers(breaker: Breaker, count: number, answer: Answer, now: number) {
  const all = [];
  for (let n = 0; n < count; n += 1) all.push(breaker.record(breaker.started(), answer, now));
  return all.filter((each) => each !== null);
}

function opened(now = 0): Breaker {
  const breaker = new Breaker();
  answers(breaker, 10, 'bad', now);
  expect(breaker.isOpen).toBe(true);
  return breaker;
}

/** One probe when it is due, with this answer. */
function probe(breaker: Breaker, answer: Answer, now: number) {
  expect(breaker.waitMs(now)).toBe(0);
  return breaker.record(breaker.started(), answer, now);
}

describe('opens', () => {
  it('on the tenth failure in a row, and not on the ninth', () => {
    const breaker = new Breaker();
    expect(answers(breaker, 9, 'bad', 0)).toEqual([]);
    expect(answers(breaker, 1, 'bad', 0)).toEqual([{ to: 'open', reason: 'consecutive_failures' }]);
  });

  it('a good answer in between begins the count anew', () => {
    const breaker = new Breaker();
    answers(breaker, 3, 'good', 0);
    for (let round = 0; round < 2; round += 1) {
      answers(breaker, 9, 'bad', round * 10 * minute);
      answers(breaker, 1, 'good', round * 10 * minute);
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('when 14 of 20 within a minute fail, and not when 13 do, nor 14 of 20 within two', () => {
    const mixed = (bad: number, everyMs: number) => {
      const breaker = new Breaker();
      const at = Array.from({ length: 20 }, (_, n) => n);
      // Spread evenly, so that never ten in a row fail.
      const isBad = (n: number) => Math.floor(((n + 1) * bad) / 20) > Math.floor((n * bad) / 20);
      return at.flatMap((n) => answers(breaker, 1, isBad(n) ? 'bad' : 'good', n * everyMs));
    };
    expect(mixed(14, second)).toEqual([{ to: 'open', reason: 'failure_rate' }]);
    expect(mixed(13, second)).toEqual([]);
    expect(mixed(14, 6 * second)).toEqual([]);
  });

  it('what says nothing of the receiver counts neither way', () => {
    const breaker = new Breaker();
    answers(breaker, 100, 'none', 0);
    answers(breaker, 9, 'bad', 0);
    answers(breaker, 5, 'none', 0);
    expect(breaker.isOpen).toBe(false);
    answers(breaker, 1, 'bad', 0);
    expect(breaker.isOpen).toBe(true);
  });
});

describe('F18 breaker flap', () => {
  it('half-open lets exactly one probe through, and no second one before its answer', () => {
    const breaker = opened();
    expect(breaker.waitMs(5 * second - 1)).toBe(1);
    expect(breaker.waitMs(5 * second)).toBe(0);
    const era = breaker.started();
    expect(breaker.waitMs(5 * second)).toBe(Infinity);
    expect(breaker.waitMs(60 * minute)).toBe(Infinity);
    breaker.record(era, 'bad', 6 * second);
    expect(breaker.waitMs(6 * second)).toBe(10 * second);
  });

  it('probes after 5 s, 10 s, … and never less often than every 5 min', () => {
    const breaker = opened();
    let now = 0;
    const waits = Array.from({ length: 9 }, () => {
      const wait = breaker.waitMs(now);
      now += wait;
      probe(breaker, 'bad', now);
      return wait / second;
    });
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('closes after three good probes, one after the other, then 1, 2, 4, … at once', () => {
    const breaker = opened();
    expect(probe(breaker, 'good', 5 * second)).toBeNull();
    expect(probe(breaker, 'good', 5 * second)).toBeNull();
    expect(probe(breaker, 'good', 5 * second)).toEqual({ to: 'closed' });
    const limits = [breaker.limit()];
    for (let good = 1; good <= 255; good += 1) {
      answers(breaker, 1, 'good', 5 * second);
      if (breaker.limit() !== limits.at(-1)) limits.push(breaker.limit());
    }
    expect(limits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, Infinity]);
  });

  it('a bad probe after two good ones begins again', () => {
    const breaker = opened();
    probe(breaker, 'good', 5 * second);
    probe(breaker, 'good', 5 * second);
    probe(breaker, 'bad', 5 * second);
    expect(breaker.waitMs(5 * second)).toBe(10 * second);
    for (let good = 0; good < 2; good += 1) expect(probe(breaker, 'good', 15 * second)).toBeNull();
    expect(probe(breaker, 'good', 15 * second)).toEqual({ to: 'closed' });
  });

  it('one that fails on the way up waits longer than the time before', () => {
    const breaker = opened();
    for (let good = 0; good < 3; good += 1) probe(breaker, 'good', 5 * second);
    answers(breaker, 10, 'bad', 6 * second);
    expect(breaker.waitMs(6 * second)).toBe(10 * second);
  });

  it('once it went all the way up, the next time begins with 5 s again', () => {
    const breaker = opened();
    for (let good = 0; good < 3; good += 1) probe(breaker, 'good', 5 * second);
    answers(breaker, 255, 'good', 5 * second);
    answers(breaker, 10, 'bad', 60 * minute);
    expect(breaker.waitMs(60 * minute)).toBe(5 * second);
  });

  it('what was under way when it opened decides nothing any more', () => {
    const breaker = new Breaker();
    const early = Array.from({ length: 30 }, () => breaker.started());
    for (const era of early) breaker.record(era, 'bad', 0);
    expect(breaker.waitMs(0)).toBe(5 * second);
    for (const era of early) breaker.record(era, 'good', second);
    expect(breaker.isOpen).toBe(true);
    const probing = breaker.started();
    breaker.record(early[0] ?? -1, 'good', 6 * second);
    expect(breaker.waitMs(6 * second)).toBe(Infinity);
    breaker.record(probing, 'bad', 7 * second);
    expect(breaker.waitMs(7 * second)).toBe(10 * second);
  });

  it('at most one probe is ever under way, and time between failed ones never shrinks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 400_000 }), fc.constantFrom<Answer>('good', 'bad', 'none'))),
        (steps) => {
          const breaker = opened();
          let now = 0;
          for (const [wait, answer] of steps) {
            now += wait;
            if (!breaker.isOpen || breaker.waitMs(now) > 0) continue;
            const era = breaker.started();
            expect(breaker.waitMs(now)).toBe(Infinity);
            breaker.record(era, answer, now);
            if (answer === 'bad') expect(breaker.waitMs(now)).toBeGreaterThanOrEqual(5 * second);
          }
        },
      ),
    );
  });
});

it('as an earlier owner left it, it is open and probes at once', () => {
  const breaker = Breaker.opened(1_000);
  expect([breaker.isOpen, breaker.waitMs(1_000)]).toEqual([true, 0]);
  probe(breaker, 'bad', 1_000);
  expect(breaker.waitMs(1_000)).toBe(10 * second);
});

it('an endpoint that somebody changed is probed at once', () => {
  const breaker = opened();
  breaker.probeNow(second);
  expect(breaker.waitMs(second)).toBe(0);
});

it('is worth remembering while it is open or failures are recent', () => {
  const breaker = new Breaker();
  expect(breaker.isIdle(0)).toBe(true);
  answers(breaker, 1, 'bad', 0);
  expect(breaker.isIdle(5 * minute)).toBe(false);
  answers(breaker, 1, 'good', 5 * minute);
  expect(breaker.isIdle(5 * minute)).toBe(false);
  expect(breaker.isIdle(7 * minute)).toBe(true);
  expect(opened().isIdle(60 * minute)).toBe(false);
});
