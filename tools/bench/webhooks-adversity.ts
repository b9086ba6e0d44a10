import { delay } from '../processes.mjs';
import { round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { each, flow, startMeter } from './webhooks-meter.ts';
import { others } from './webhooks-neighbours.ts';
import type { ArrivalLog } from './webhooks-receiver.ts';
import { WebhookSite } from './webhooks-site.ts';
import { lasting, steadySeconds, warmSeconds } from './webhooks-timing.ts';

const TENANTS = 20;
const schedule = (...waits: number[]) => ({ WEBHOOK_RETRY_SCHEDULE_MS: waits.join(',') });

/** S5: one event in ten is refused the first time. */
export async function benchFailures(dir: string): Promise<Outcome[]> {
  const env = schedule(0, 1_000, 2_000, 5_000, 5_000, 5_000);
  const site = await WebhookSite.start(dir, { tenants: TENANTS, endpointsEach: 1, env });
  try {
    const rate = 2_000;
    await site.behave({ endpoints: [...site.endpointIds.keys()], failFirst: 0.1 });
    await site.publish({ rate, seconds: warmSeconds });
    const read = await startMeter(site);
    const ran = await site.publish({ rate, seconds: steadySeconds });
    const cost = await read();
    await site.drained();
    const arrivals = await site.arrivals();
    const all = flow(arrivals, { ran });
    return [
      {
        ...{ scenario: 'k', what: 'S5: one event in ten is refused once', unit: 'deliveries/s' },
        product: all.perSecond,
        target: `${rate} offered, retries after a second`,
        details: { ...all, each: each(cost, rate * steadySeconds), ...(await site.settle(arrivals)) },
      },
    ];
  } finally {
    await site.stop();
  }
}

/** S6: an endpoint is down for a while and comes back: how fast its queue is sent, and in what spate. */
export async function benchDown(dir: string): Promise<Outcome[]> {
  const env = schedule(0, ...Array.from({ length: 49 }, () => 5_000));
  const site = await WebhookSite.start(dir, { tenants: TENANTS, endpointsEach: 1, env });
  try {
    const rate = 500;
    await site.publish({ rate, seconds: warmSeconds });
    await site.behave({ endpoints: [0], status: 500 });
    const down = await site.publish({ rate, seconds: lasting(600) });
    await site.behave({ endpoints: [0], delayMs: 5 });
    const backAt = Date.now();
    const after = await site.publish({ rate, seconds: warmSeconds });
    await site.drained(600_000);
    const arrivals = await site.arrivals();
    const healthy = flow(arrivals, { ran: down, endpoints: others(site, [0]) });
    const counted = await site.settle(arrivals);
    const back = comeback(arrivals, { backAt, first: down.phase.from, before: after.phase.from });
    return [
      {
        ...{ scenario: 'k', what: 'S6: an endpoint comes back', unit: 's to send what waited' },
        product: back.seconds,
        target: 'no stampede: a growing number at once',
        details: { downSeconds: lasting(600), ...back, healthy, ...counted },
      },
    ];
  } finally {
    await site.stop();
  }
}

/** What came to endpoint 0 once it was back, of the events from `first` up to `before`. */
function comeback(arrivals: ArrivalLog, { backAt, first, before }: { backAt: number; first: number; before: number }) {
  const perSecond: number[] = [];
  let lastAt = backAt;
  for (let at = 0; at < arrivals.length; at += 1) {
    const [n, when] = [arrivals.event[at]!, arrivals.at[at]!];
    if (arrivals.endpoint[at] !== 0 || when < backAt || n < first) continue;
    const second = Math.floor((when - backAt) / 1_000);
    perSecond[second] = (perSecond[second] ?? 0) + 1;
    if (n < before) lastAt = when;
  }
  const counts = Array.from(perSecond, (count) => count ?? 0);
  return { seconds: round((lastAt - backAt) / 1_000, 1), mostInASecond: Math.max(0, ...counts), perSecond: counts };
}

/** S7: 50,000 retries due at once, while others go on. */
export async function benchDueAtOnce(dir: string): Promise<Outcome[]> {
  const site = await WebhookSite.start(dir, { tenants: TENANTS, endpointsEach: 1 });
  try {
    const waiting = TENANTS / 2;
    const half = (waits: boolean) => site.at.tenants.map((_, n) => Number(n < waiting === waits));
    await setState(site, waiting, 'paused');
    const stored = await site.publish({ rate: 2_000, count: 50_000, weights: half(true) });
    await untilStored(site, stored.phase.count);
    // They failed once: what is due now is the second attempt of each.
    await site.at.admin.query('UPDATE webhooks.deliveries SET attempt = 1, due_at = now()');
    const rate = 500;
    const calm = await site.publish({ rate, seconds: warmSeconds, weights: half(false) });
    await setState(site, waiting, 'active');
    const dueAt = Date.now();
    const storm = await site.publish({ rate, seconds: steadySeconds, weights: half(false) });
    await site.drained(600_000);
    const arrivals = await site.arrivals();
    const endpoints = others(site, [...Array(waiting).keys()]);
    const [before, during] = [flow(arrivals, { ran: calm, endpoints }), flow(arrivals, { ran: storm, endpoints })];
    const last = arrivals.at.reduce((most, at, n) => (arrivals.endpoint[n]! < waiting ? Math.max(most, at) : most), 0);
    const seconds = round((last - dueAt) / 1_000, 1);
    return [
      {
        ...{ scenario: 'k', what: 'S7: 50,000 retries due at once', unit: 'retries/s' },
        product: Math.round(stored.phase.count / seconds),
        target: 'drained at capacity, first tries of others unaffected',
        details: { seconds, firstTriesBefore: before, firstTriesDuring: during, ...(await site.settle(arrivals)) },
      },
    ];
  } finally {
    await site.stop();
  }
}

async function setState(site: WebhookSite, tenants: number, state: 'active' | 'paused'): Promise<void> {
  for (let tenant = 0; tenant < tenants; tenant += 1) {
    const api = await site.api(site.at.tenants[tenant]!);
    const id = site.endpointIds[site.endpointsOf[tenant]![0]!];
    const { status } = await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { state } });
    if (status !== 200) throw new Error(`PATCH /webhook-endpoints: ${status}`);
  }
}

async function untilStored(site: WebhookSite, count: number): Promise<void> {
  for (;;) {
    const { rows } = await site.at.admin.query<{ stored: number }>(
      'SELECT count(*)::int AS stored FROM webhooks.deliveries',
    );
    if (rows[0]!.stored >= count) return;
    await delay(200);
  }
}

/** S8: kill -9 every ten seconds under load; started again at once, under the same name. */
export async function benchKills(dir: string): Promise<Outcome[]> {
  const site = await WebhookSite.start(dir, { tenants: TENANTS, endpointsEach: 1 });
  try {
    const rate = 1_000;
    const every = 10;
    await site.publish({ rate, seconds: warmSeconds });
    const kills = Math.max(2, Math.floor(steadySeconds / every));
    const publishing = site.publish({ rate, seconds: kills * every });
    for (let done = 0; done < kills; done += 1) {
      await delay(every * 500);
      await site.service.process.stop('SIGKILL');
      site.unsettledAtKills += await unsettled(site);
      await site.startService();
      await delay(every * 500);
    }
    const ran = await publishing;
    const drainSeconds = round(await site.drained(), 1);
    const arrivals = await site.arrivals();
    const counted = await site.settle(arrivals);
    return [
      {
        ...{ scenario: 'k', what: 'S8: kill -9 every ten seconds', unit: 'repeated requests a kill' },
        product: round(counted.repeated / kills, 1),
        target: 'nothing lost, every repetition flagged, at most what was under way',
        details: {
          ...{ rate, kills, unsettledAtKills: site.unsettledAtKills, drainSeconds },
          ...{ ...flow(arrivals, { ran }), ...counted },
        },
      },
    ];
  } finally {
    await site.stop();
  }
}

/** Requests that the receiver has had and the log of attempts has not: what the killed process had in its hands. */
async function unsettled(site: WebhookSite): Promise<number> {
  // Whatever is left of its connections to Postgres is still at work on its last statements.
  const busy = `
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename LIKE 'webhooks%' AND state <> 'idle') AS busy`;
  while ((await site.at.admin.query<{ busy: boolean }>(busy)).rows[0]!.busy) await delay(20);
  const { rows } = await site.at.admin.query<{ logged: number }>(
    `SELECT count(*)::int AS logged FROM webhooks.attempts WHERE outcome <> 'not_sent'`,
  );
  return Math.max(0, (await site.at.receiver.ask<number>('count')) - rows[0]!.logged - site.unsettledAtKills);
}

/** S9: 10,000 aggregates whose events must come in their order. */
export async function benchOrder(dir: string): Promise<Outcome[]> {
  const settings = { ordering: 'key_block' };
  const site = await WebhookSite.start(dir, { tenants: TENANTS, endpointsEach: 1, settings });
  try {
    const rate = 2_000;
    const keys = 10_000;
    await site.publish({ rate, seconds: warmSeconds });
    const ran = await site.publish({ rate, seconds: steadySeconds, keys });
    await site.drained();
    const arrivals = await site.arrivals();
    const outOfOrder = overtaken(arrivals, ran.phase.from, keys);
    if (outOfOrder > 0) throw new Error(`void: ${outOfOrder} events overtook an earlier one of their key`);
    const all = flow(arrivals, { ran });
    return [
      {
        ...{ scenario: 'k', what: 'S9: 10,000 keys in order', unit: 'ms (p99)' },
        product: all.p99Ms,
        target: `${rate}/s offered, each key in its order`,
        details: { ...all, keys, outOfOrder, ...(await site.settle(arrivals)) },
      },
    ];
  } finally {
    await site.stop();
  }
}

/** First successes that came before one of an earlier event of the same key and endpoint. */
function overtaken(arrivals: ArrivalLog, from: number, keys: number): number {
  const latest = new Map<number, number>();
  let count = 0;
  for (let at = 0; at < arrivals.length; at += 1) {
    const n = arrivals.event[at]!;
    if (n < from || arrivals.status[at] !== 200) continue;
    const key = (n - from) % keys;
    if (n < (latest.get(key) ?? 0)) count += 1;
    latest.set(key, Math.max(n, latest.get(key) ?? 0));
  }
  return count;
}
