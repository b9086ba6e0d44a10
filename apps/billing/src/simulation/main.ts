import { bugNames } from './bugs.ts';
import type { Bug } from './bugs.ts';
import { simulate } from './history.ts';
import { emptyTally } from './tally.ts';

/** What `npm run simulate -- billing` prints: one line of JSON. */
const [histories = 1_000_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
const patience = 1_000;

/** How many histories it takes to find a planted bug, and what gives it away. */
function hunt(bug: Bug): { bug: Bug; foundAfter: number | null; violated: string | null } {
  for (let n = 0; n < patience; n++) {
    const [violated] = simulate(seed + n, bug);
    if (violated !== undefined) return { bug, foundAfter: n + 1, violated };
  }
  return { bug, foundAfter: null, violated: null };
}

const startedAt = performance.now();
const tally = emptyTally();
const failures: { seed: number; violated: string[] }[] = [];
for (let n = 0; n < histories; n++) {
  const violated = simulate(seed + n, null, tally);
  if (violated.length > 0) failures.push({ seed: seed + n, violated });
  if ((n + 1) % 100_000 === 0) process.stderr.write(`${n + 1} histories, ${failures.length} failed\n`);
}
const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
const plantedBugs = bugNames.map(hunt);
const report = {
  histories,
  seed,
  seconds,
  failed: failures.length,
  failures: failures.slice(0, 10),
  tally,
  plantedBugs,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = failures.length === 0 && plantedBugs.every(({ foundAfter }) => foundAfter !== null) ? 0 : 1;
