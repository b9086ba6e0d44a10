import type { Outcome } from './measure.ts';
import { flow } from './webhooks-meter.ts';
import { WebhookSite } from './webhooks-site.ts';
import { steadySeconds, warmSeconds } from './webhooks-timing.ts';

const TENANTS = 20;

/** S3: 30 % of the load goes to an endpoint that takes a second for each request. */
export async function benchSlow(dir: string): Promise<Outcome[]> {
  const site = await WebhookSite.start(dir, { tenants: TENANTS, endpointsEach: 1 });
  try {
    const rate = 1_500;
    await site.publish({ rate, seconds: warmSeconds });
    await site.behave({ endpoints: [0], delayMs: 1_000 });
    const weights = Array.from({ length: TENANTS }, (_, n) => (n === 0 ? 0.3 : 0.7 / (TENANTS - 1)));
    const skipSeconds = warmSeconds / 5;
    const ran = await site.publish({ rate, seconds: steadySeconds + skipSeconds, weights });
    // Its queue is as long as the run was: it is emptied fast once the figures are taken.
    await site.behave();
    await site.drained(600_000);
    const arrivals = await site.arrivals();
    const healthy = flow(arrivals, { ran, skipSeconds, endpoints: others(site, [0]) });
    const slow = flow(arrivals, { ran, skipSeconds, endpoints: new Set([0]) });
    return [
      {
        ...{ scenario: 'k', what: 'S3: healthy endpoints beside one that takes a second', unit: 'ms (p99)' },
        product: healthy.p99Ms,
        target: 'p99 below 50 ms with 30 % of the load to the slow one',
        details: { rate, healthy, slow, ...(await site.settle(arrivals)) },
      },
    ];
  } finally {
    await site.stop();
  }
}

/** S4: 100 tenants by Zipf's law; the first sends a hundred times as much, to an endpoint that takes 20 ms. */
export async function benchFlood(dir: string): Promise<Outcome[]> {
  const site = await WebhookSite.start(dir, { tenants: 100, endpointsEach: 1 });
  try {
    const rate = 200;
    const calm = Array.from({ length: 100 }, (_, n) => 1 / (n + 1));
    await site.behave({ endpoints: [0], delayMs: 20 });
    await site.publish({ rate, seconds: warmSeconds, weights: calm });
    const before = await site.publish({ rate, seconds: steadySeconds, weights: calm });
    await site.drained();
    const total = calm.reduce((sum, weight) => sum + weight, 0);
    const flooded = calm.map((weight, n) => (n === 0 ? weight * 100 : weight));
    const floodRate = (rate * (total + 99)) / total;
    const flood = await site.publish({ rate: floodRate, seconds: steadySeconds, weights: flooded });
    await site.behave();
    await site.drained(600_000);
    const arrivals = await site.arrivals();
    const endpoints = others(site, [0]);
    const [calmly, during] = [flow(arrivals, { ran: before, endpoints }), flow(arrivals, { ran: flood, endpoints })];
    return [
      {
        ...{ scenario: 'k', what: 'S4: the other tenants while one floods', unit: 'ms (p99)' },
        product: during.p99Ms,
        target: `below twice the p99 without the flood (${calmly.p99Ms} ms)`,
        details: { rate, floodRate: Math.round(floodRate), calmly, during, ...(await site.settle(arrivals)) },
      },
    ];
  } finally {
    await site.stop();
  }
}

export function others(site: WebhookSite, but: readonly number[]): Set<number> {
  return new Set([...site.endpointIds.keys()].filter((n) => !but.includes(n)));
}
