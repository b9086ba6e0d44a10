import type { Bug as BillingBug } from '../apps/billing/src/simulation/bugs.ts';
import type { Bug as PaymentsBug } from '../apps/payments/src/simulation/world.ts';

/** Seeded histories of one service: each plays one and gives back what it violated. */
interface Simulated<Bug extends string, Tally> {
  readonly simulate: (seed: number, bug: Bug | null, tally?: Tally) => string[];
  readonly emptyTally: () => Tally;
  readonly bugs: readonly Bug[];
}

const patience = 1_000;

/** How many histories it takes to find a planted bug, and what gives it away. */
function hunt<Bug extends string, Tally>({ simulate }: Simulated<Bug, Tally>, bug: Bug, seed: number) {
  for (let n = 0; n < patience; n++) {
    const [violated] = simulate(seed + n, bug);
    if (violated !== undefined) return { bug, foundAfter: n + 1, violated };
  }
  return { bug, foundAfter: null, violated: null };
}

/** Prints one line of JSON: what was played, what failed, and what was found of the planted bugs. */
function play<Bug extends string, Tally>(simulated: Simulated<Bug, Tally>, histories: number, seed: number): void {
  const startedAt = performance.now();
  const tally = simulated.emptyTally();
  const failures: { seed: number; violated: string[] }[] = [];
  for (let n = 0; n < histories; n++) {
    const violated = simulated.simulate(seed + n, null, tally);
    if (violated.length > 0) failures.push({ seed: seed + n, violated });
    if ((n + 1) % 100_000 === 0) process.stderr.write(`${n + 1} histories, ${failures.length} failed\n`);
  }
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const plantedBugs = simulated.bugs.map((bug) => hunt(simulated, bug, seed));
  const played = { histories, seed, seconds, failed: failures.length, failures: failures.slice(0, 10) };
  process.stdout.write(`${JSON.stringify({ ...played, tally, plantedBugs })}\n`);
  process.exitCode = failures.length === 0 && plantedBugs.every(({ foundAfter }) => foundAfter !== null) ? 0 : 1;
}

const [what, ...numbers] = process.argv.slice(2);
const [histories = 1_000_000, seed = Date.now() % 2 ** 31] = numbers.map(Number);

if (what === 'billing') {
  const { simulate } = await import('../apps/billing/src/simulation/history.ts');
  const { emptyTally } = await import('../apps/billing/src/simulation/tally.ts');
  const { bugNames } = await import('../apps/billing/src/simulation/bugs.ts');
  play<BillingBug, ReturnType<typeof emptyTally>>({ simulate, emptyTally, bugs: bugNames }, histories, seed);
} else {
  const { simulate } = await import('../apps/payments/src/simulation/history.ts');
  const { bugs, emptyTally } = await import('../apps/payments/src/simulation/world.ts');
  play<PaymentsBug, ReturnType<typeof emptyTally>>({ simulate, emptyTally, bugs }, histories, seed);
}
