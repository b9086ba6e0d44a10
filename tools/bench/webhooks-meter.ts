import { cpuSeconds } from './helper-process.ts';
import { percentile, round } from './measure.ts';
import type { RanPhase, WebhookSite } from './webhooks-site.ts';
import type { ArrivalLog } from './webhooks-receiver.ts';

const COUNT = `
  SELECT coalesce(sum(calls) FILTER (WHERE query !~* '^(begin|commit|rollback)'), 0)::int AS statements,
         coalesce(sum(calls), 0)::int AS "withBeginAndCommit"
    FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname LIKE 'webhooks%'`;

/** Where Postgres spends its time. */
const DEAREST = `
  SELECT calls::int, round((total_exec_time / calls)::numeric, 2)::float8 AS "meanMs",
         round((rows::numeric / calls), 1)::float8 AS "rowsEach",
         left(regexp_replace(query, '\\s+', ' ', 'g'), 60) AS sql
    FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname LIKE 'webhooks%'
   ORDER BY total_exec_time DESC LIMIT 6`;

export interface Cost {
  dearest: object[];
  seconds: number;
  statements: number;
  withBeginAndCommit: number;
  serviceCpuSeconds: number;
  receiverCpuSeconds: number;
  generatorCpuSeconds: number;
}

/** What the service costs from now until the answer is called. */
export async function startMeter(site: WebhookSite): Promise<() => Promise<Cost>> {
  await site.at.admin.query('SELECT pg_stat_statements_reset()');
  const cpus = () => [cpuSeconds(site.service.process.pid), site.at.receiver.cpuSeconds, site.at.generator.cpuSeconds];
  const before = cpus();
  const startedAt = performance.now();
  return async () => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const [service, receiver, generator] = cpus().map((now, at) => round(now - before[at]!)) as [
      number,
      number,
      number,
    ];
    const { rows } = await site.at.admin.query<{ statements: number; withBeginAndCommit: number }>(COUNT);
    const dearest = (await site.at.admin.query<object>(DEAREST)).rows;
    return {
      dearest,
      ...{ seconds: round(seconds), ...rows[0]! },
      ...{ serviceCpuSeconds: service, receiverCpuSeconds: receiver, generatorCpuSeconds: generator },
    };
  };
}

/** A cost for each of so many deliveries. */
export function each(cost: Cost, deliveries: number) {
  return {
    statements: round(cost.statements / deliveries, 4),
    statementsWithBeginAndCommit: round(cost.withBeginAndCommit / deliveries, 4),
    serviceCpuMicros: Math.round((cost.serviceCpuSeconds * 1e6) / deliveries),
    receiverCpuMicros: Math.round((cost.receiverCpuSeconds * 1e6) / deliveries),
    generatorCpuMicros: Math.round((cost.generatorCpuSeconds * 1e6) / deliveries),
  };
}

export interface Window {
  ran: RanPhase;
  /** Events of the phase's first seconds are its warm-up. */
  skipSeconds?: number;
  /** Only requests to these endpoints. */
  endpoints?: ReadonlySet<number>;
}

export interface Flow {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  generatorLatestMs: number;
}

/**
 * Deliveries a second within the time of publishing, and latency from the intended moment to the first successful
 * request, over the events of a window.
 */
export function flow(arrivals: ArrivalLog, { ran, skipSeconds = 0, endpoints }: Window): Flow {
  const { phase, generated } = ran;
  const first = phase.from + skipSeconds * phase.rate;
  const [opened, closed] = [generated.startedAt + skipSeconds * 1_000, generated.endedAt];
  const seen = new Set<number>();
  const latencies: number[] = [];
  let within = 0;
  for (let at = 0; at < arrivals.length; at += 1) {
    const [n, endpoint] = [arrivals.event[at]!, arrivals.endpoint[at]!];
    if (arrivals.status[at] !== 200 || (endpoints && !endpoints.has(endpoint))) continue;
    if (arrivals.at[at]! >= opened && arrivals.at[at]! < closed) within += 1;
    if (n < first || n >= phase.from + phase.count || seen.has(n * 65_536 + endpoint)) continue;
    seen.add(n * 65_536 + endpoint);
    latencies.push(arrivals.latency[at]!);
  }
  latencies.sort((a, b) => a - b);
  return {
    perSecond: Math.round((within * 1_000) / (closed - opened)),
    p50Ms: round(percentile(latencies, 50), 1),
    p95Ms: round(percentile(latencies, 95), 1),
    p99Ms: round(percentile(latencies, 99), 1),
    maxMs: round(latencies.at(-1) ?? Number.NaN, 1),
    generatorLatestMs: generated.latestMs,
  };
}
