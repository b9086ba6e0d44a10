import { round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { peakRssMiB, rssMiB } from './service.ts';
import { bareHttp, bareSql } from './webhooks-floor.ts';
import { each, flow, startMeter } from './webhooks-meter.ts';
import type { Flow } from './webhooks-meter.ts';
import { WebhookSite } from './webhooks-site.ts';
import { steadySeconds, warmSeconds } from './webhooks-timing.ts';

interface Capacity {
  name: string;
  tenants: number;
  endpointsEach: number;
}

interface Step extends Flow {
  rate: number;
  isSustained: boolean;
  statementsEach: number;
}

/** Deliveries a second; S2 divides them by its fan-out. */
const RATES = (process.env['BENCH_WEBHOOKS_RATES'] ?? '500,1000,3000,6000,8000,10000').split(',').map(Number);
const FLOOR_REQUESTS = 40_000;
const FLOOR_ROWS = 40_000;
const P99_RATE = 3_000;

/** S1 and S2: the rate in steps until it is no longer kept up with, and everything at once, beside the floor. */
export async function benchCapacity(dir: string, { name, tenants, endpointsEach }: Capacity): Promise<Outcome[]> {
  const site = await WebhookSite.start(dir, { tenants, endpointsEach });
  try {
    const http = await bareHttp(site, FLOOR_REQUESTS);
    const sql = await bareSql(site, FLOOR_ROWS);
    await site.publish({ rate: 500 / endpointsEach, seconds: warmSeconds });
    await site.drained();
    const steps: Step[] = [];
    for (const rate of RATES) {
      const step = await runStep(site, rate, endpointsEach);
      steps.push(step);
      console.log(`    ${JSON.stringify(step)}`);
      if (!step.isSustained) break;
    }
    const saturated = await saturate(site, endpointsEach);
    const counted = await site.settle(await site.arrivals());
    const memory = { rssMiB: rssMiB(site.service.process), peakRssMiB: peakRssMiB(site.service.process) };
    const floors = { floorHttpPerSecond: Math.round(http), floorSqlPerSecond: Math.round(sql) };
    const what = `${name}, fan-out ${endpointsEach}`;
    return [
      ...sustained(what, steps, { ...floors, ...counted }),
      {
        ...{ scenario: 'k', what: `${what}: everything at once`, unit: 'deliveries/s' },
        ...{ floor: Math.round(http), product: saturated.perSecond, ratio: round(saturated.perSecond / http, 3) },
        target: 'at most 0.05 statements each, RSS below 300 MiB',
        details: { ...saturated, ...floors, ratioToSql: round(saturated.perSecond / sql, 3), ...memory },
      },
    ];
  } finally {
    await site.stop();
  }
}

function sustained(what: string, steps: readonly Step[], details: Record<string, unknown>): Outcome[] {
  const best = steps.findLast(({ isSustained }) => isSustained);
  const quiet = steps.find(({ rate }) => rate === P99_RATE);
  const outcomes: Outcome[] = [
    {
      ...{ scenario: 'k', what: `${what}: sustained`, unit: 'deliveries/s' },
      product: best?.perSecond ?? 0,
      target: 'at least 6,000',
      details: { steps, ...details },
    },
  ];
  if (quiet) {
    outcomes.push({
      ...{ scenario: 'k', what: `${what}: latency at ${P99_RATE}/s`, unit: 'ms (p99)' },
      product: quiet.p99Ms,
      target: 'p99 below 100 ms',
      details: { ...quiet },
    });
  }
  return outcomes;
}

async function runStep(site: WebhookSite, rate: number, fanOut: number): Promise<Step> {
  const skipSeconds = warmSeconds / 5;
  const read = await startMeter(site);
  const ran = await site.publish({ rate: rate / fanOut, seconds: steadySeconds + skipSeconds });
  const cost = await read();
  await site.drained();
  const measured = flow(await site.arrivals(), { ran, skipSeconds });
  const isSustained = measured.perSecond >= rate * 0.98;
  return { rate, isSustained, ...measured, statementsEach: each(cost, measured.perSecond * cost.seconds).statements };
}

/** The stream is filled faster than it is read: from the first request to the last one. */
async function saturate(site: WebhookSite, fanOut: number) {
  const before = await site.at.receiver.ask<number>('count');
  const read = await startMeter(site);
  const ran = await site.publish({ rate: 0, count: Math.round((2_000 * steadySeconds) / fanOut) });
  await site.drained();
  const cost = await read();
  const { at, length } = await site.arrivals();
  const deliveries = site.deliveriesOf(ran);
  // The first and the last tenth are not saturated.
  const edge = Math.floor(deliveries / 10);
  const seconds = (at[length - edge]! - at[before + edge]!) / 1_000;
  return {
    perSecond: Math.round((length - before - 2 * edge) / seconds),
    deliveries,
    each: each(cost, deliveries),
    dearest: cost.dearest,
  };
}
