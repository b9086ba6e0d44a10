import fc from 'fast-check';
import { simulate } from './history.ts';
import { bugs, emptyTally } from './world.ts';
import type { Bug } from './world.ts';

const histories = 20_000;
/** What the histories need at most until a planted bug is found. */
const patience = 200;

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

function firstViolation(bug: Bug, from: number): { seed: number; violated: string } | undefined {
  for (const seed of seeds(from, patience)) {
    const [violated] = simulate(seed, bug);
    if (violated !== undefined) return { seed, violated };
  }
  return undefined;
}

describe('the simulation of payments', () => {
  const start = Number(process.env['SIMULATION_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const tally = emptyTally();

  // Double charges, lost money and divergent answers, under crashes, lost answers, repetitions and any order.
  it(`holds every invariant over ${histories} histories from seed ${start}`, () => {
    const violated = seeds(start, histories).flatMap((seed) => {
      const found = simulate(seed, null, tally);
      return found.length > 0 ? [{ seed, found }] : [];
    });
    expect(violated).toEqual([]);
  });

  it('walks every rare path', () => {
    expect(Object.entries(tally).filter(([, times]) => times < 100)).toEqual([]);
  });

  it('plays a seed again as it was', () => {
    const replayed = fc.property(fc.integer(), (seed) => {
      const [first, second] = [emptyTally(), emptyTally()];
      simulate(seed, null, first);
      simulate(seed, null, second);
      expect(second).toEqual(first);
    });
    fc.assert(replayed, { numRuns: 50 });
  });

  // A checker that cannot fail proves nothing.
  it.each(bugs)(`finds a planted bug within ${patience} histories: %s`, (bug) => {
    const found = firstViolation(bug, start);
    expect(found?.violated).toEqual(expect.any(String));
  });
});
