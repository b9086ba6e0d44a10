import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { BacklogMeter } from '../backlog/backlog-meter.ts';
import { WatchBacklogs } from '../backlog/watch-backlogs.ts';
import { UpkeepRepository } from './upkeep.repository.ts';
import type { EndpointBacklog } from './upkeep.repository.ts';

const everyMs = 10_000;
const ranks = 10;

const backlog = metrics.gauge('webhook_backlog', 'Open deliveries of all tenants; due: those that could be sent now', [
  'kind',
]);
/** By rank and not by name: who they are is a question to the table, see docs/runbooks/webhook-delivery.md. */
const longest = metrics.gauge('webhook_longest_backlogs', 'Open deliveries of the ten endpoints, tenants with most', [
  'of',
  'rank',
]);
const endpoints = metrics.gauge('webhook_endpoints', 'Endpoints of all tenants', ['state']);
const breakers = metrics.gauge('webhook_breakers_open', 'Endpoints that are sent probes only, for they fail');
const replays = metrics.gauge('webhook_replays_running', 'Replays that are under way');
const unowned = metrics.gauge('webhook_shards_unowned', 'Shards that no dispatcher holds: nothing is sent for them');
const late = metrics.gauge('webhook_oldest_due_seconds', 'How long the oldest delivery that could be sent has waited');

/** Counts what is open, seldom: it reads the whole queue. What comes of it, the meter and the watch say. */
@Injectable()
export class MeasureBacklogWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly upkeep: UpkeepRepository,
    private readonly meter: BacklogMeter,
    private readonly watch: WatchBacklogs,
  ) {
    super('measure backlog', everyMs);
  }

  protected async work(): Promise<number> {
    this.meter.begin();
    const [backlogs, states, shards, watched] = await this.db.tx((tx) =>
      Promise.all([
        ...([this.upkeep.backlogs(tx), this.upkeep.countEndpoints(tx)] as const),
        ...([this.upkeep.countUnowned(tx), this.upkeep.countWatched(tx)] as const),
      ]),
    );
    this.meter.measured(backlogs);
    const all = { open: 0, due: 0, lateSeconds: 0 };
    for (const { open, due, lateSeconds } of backlogs) {
      all.open += open;
      all.due += due;
      all.lateSeconds = Math.max(all.lateSeconds, lateSeconds);
    }
    backlog.set({ kind: 'open' }, all.open);
    backlog.set({ kind: 'due' }, all.due);
    late.set(all.lateSeconds);
    this.rank('endpoint', backlogs, ({ endpointId }) => endpointId);
    this.rank('tenant', backlogs, ({ tenantId }) => tenantId);
    for (const state of ['active', 'paused', 'disabled']) endpoints.set({ state }, states.get(state) ?? 0);
    unowned.set(shards);
    breakers.set(watched.openBreakers);
    replays.set(watched.runningReplays);
    await this.watch.see(backlogs);
    return 0;
  }

  private rank(of: string, backlogs: readonly EndpointBacklog[], keyOf: (backlog: EndpointBacklog) => string): void {
    const open = new Map<string, number>();
    for (const each of backlogs) open.set(keyOf(each), (open.get(keyOf(each)) ?? 0) + each.open);
    const longestFirst = [...open.values()].sort((a, b) => b - a);
    for (let rank = 1; rank <= ranks; rank += 1) longest.set({ of, rank }, longestFirst[rank - 1] ?? 0);
  }
}
