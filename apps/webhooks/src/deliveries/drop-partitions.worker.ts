import { Injectable, Logger } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { isDatabaseUnavailable } from '@quittance/service-kit/database/errors';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { WebhooksConfig } from '../config.ts';
import { dailyTables, RetentionRepository } from './retention.repository.ts';
import type { DailyTable, Keep } from './retention.repository.ts';

const everyMs = 3_600_000;
const triesMax = 30;
const pauseMs = 100;

const log = new Logger('DropPartitionsWorker');
const dropped = metrics.counter('webhook_partitions_dropped_total', 'Days dropped past their retention', ['table']);
const overdue = metrics.gauge('webhook_partitions_overdue', 'Days past retention that could not be dropped yet');
const ahead = metrics.gauge('webhook_partitions_ahead_days', 'Days to come that every table has a partition for');

/**
 * Drops the days past retention, one a transaction. A drop that does not get its lock within 200 ms gives way to the
 * traffic and is tried again; after a few seconds of that it is left to the next hour. A crash leaves whole days only.
 */
@Injectable()
export class DropPartitionsWorker extends Worker {
  private readonly keep: Keep;

  constructor(
    private readonly db: Database,
    private readonly retention: RetentionRepository,
    config: WebhooksConfig,
  ) {
    super('drop partitions', everyMs);
    this.keep = {
      messages: config.webhookMessageRetentionDays,
      attempts: config.webhookAttemptRetentionDays,
      attempt_starts: config.webhookAttemptRetentionDays,
      success_bodies: config.webhookSuccessBodyRetentionDays,
    };
  }

  protected async work(): Promise<number> {
    let strays = 0;
    for (const table of dailyTables) {
      await this.dropDays(table);
      strays += await this.db.tx((tx) => this.retention.deleteStrays(tx, table, this.keep[table]));
    }
    const days = await this.db.tx((tx) => this.retention.days(tx, this.keep));
    ahead.set(Math.min(...days.map(({ daysAhead }) => daysAhead)));
    overdue.set(days.reduce((sum, each) => sum + each.overdue, 0));
    return strays;
  }

  private async dropDays(table: DailyTable): Promise<void> {
    for (let tries = 0; tries < triesMax;) {
      try {
        const name = await this.db.tx((tx) => this.retention.dropOldest(tx, table, this.keep[table]));
        if (name === null) return;
        dropped.inc({ table });
        log.log(`dropped ${name}`);
        tries = 0;
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        tries += 1;
        await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
      }
    }
    log.warn(`${table}: a day past retention is in use, it stays for another hour`);
  }
}
