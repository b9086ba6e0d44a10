import fs from 'node:fs';
import path from 'node:path';
import type { Outcome } from './measure.ts';
import { benchCapacity } from './webhooks-capacity.ts';
import { benchDown, benchDueAtOnce, benchFailures, benchKills, benchOrder } from './webhooks-adversity.ts';
import { benchFlood, benchSlow } from './webhooks-neighbours.ts';

/** S1 to S9 of the design; each on servers of its own. `BENCH_WEBHOOKS=S1,S3` picks some. */
const scenarios: Record<string, (dir: string) => Promise<Outcome[]>> = {
  S1: (dir) => benchCapacity(dir, { name: 'S1', tenants: 20, endpointsEach: 1 }),
  S2: (dir) => benchCapacity(dir, { name: 'S2', tenants: 4, endpointsEach: 10 }),
  S3: benchSlow,
  S4: benchFlood,
  S5: benchFailures,
  S6: benchDown,
  S7: benchDueAtOnce,
  S8: benchKills,
  S9: benchOrder,
};

/**
 * (k) webhooks: events published to JetStream at a rate, through the built service, to a receiver's log.
 *
 * Open loop: latency counts from the moment an event was to be published. A run whose books (published, received,
 * logged) do not agree is void: nothing of it is recorded, and the bench ends with an error.
 */
export async function benchWebhooks(dir: string): Promise<Outcome[]> {
  const wanted = process.env['BENCH_WEBHOOKS']?.split(',') ?? Object.keys(scenarios);
  const outcomes: Outcome[] = [];
  for (const name of wanted) {
    const run = scenarios[name];
    if (!run) throw new Error(`BENCH_WEBHOOKS: ${name} is none of ${Object.keys(scenarios).join(', ')}`);
    console.log(`(k) ${name}`);
    try {
      outcomes.push(...(await run(path.join(dir, name))));
    } catch (error) {
      console.error(`(k) ${name}:`, error);
      process.exitCode = 1;
    }
  }
  fs.rmSync(dir, { recursive: true, force: true });
  return outcomes;
}
