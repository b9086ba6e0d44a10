import fc from 'fast-check';
import { bugNames } from './bugs.ts';
import type { Bug } from './bugs.ts';
import { simulate } from './history.ts';
import { emptyTally } from './tally.ts';

const histories = Number(process.env['SIMULATION_HISTORIES'] ?? 100_000);
/** What the histories need at most until a planted bug is found. */
const patience = 2_000;
const minutes = 60_000;

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

function firstViolation(bug: Bug, from: number): { seed: number; violated: string } | undefined {
  for (const seed of seeds(from, patience)) {
    const [violated] = simulate(seed, bug);
    if (violated !== undefined) return { seed, violated };
  }
  return undefined;
}

describe('the simulation of billing', () => {
  const start = Number(process.env['SIMULATION_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const tally = emptyTally();

  // domain.md 3.5, 1 to 5, 7, 12 to 14 and 21: whatever happens to a policy, every cent is where it belongs.
  it(
    `holds every invariant over ${histories} histories from seed ${start}`,
    () => {
      const violated = seeds(start, histories).flatMap((seed) => {
        const found = simulate(seed, null, tally);
        return found.length > 0 ? [{ seed, found }] : [];
      });
      expect(violated).toEqual([]);
    },
    30 * minutes,
  );

  it('walks every rare path', () => {
    expect(Object.entries(tally).filter(([, times]) => times < histories / 1000)).toEqual([]);
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
  it.each(bugNames)(
    `finds a planted bug within ${patience} histories: %s`,
    (bug) => {
      expect(firstViolation(bug, start)?.violated).toEqual(expect.any(String));
    },
    5 * minutes,
  );
});
