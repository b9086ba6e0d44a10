import { Injectable, Logger } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { WebhooksConfig } from '../config.ts';
import type { Job } from './job.ts';
import { unanswered } from './webhook.client.ts';
import type { WebhookReply } from './webhook.client.ts';

const lingerMs = 2;
const batchMax = 200;
/** Well within what a lease has left when we stop counting on it: whoever waits longer may no longer be the owner. */
const patienceMs = 1_000;

const INSERT = `
  INSERT INTO attempt_starts (tenant_id, id, delivery_id, endpoint_id, message_id, n, instance_id, started_at)
  SELECT s.tenant_id, s.id, s.delivery_id, s.endpoint_id, s.message_id, s.n, $7, now()
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[])
      AS s (tenant_id, id, delivery_id, endpoint_id, message_id, n)`;

interface Start {
  readonly id: string;
  readonly job: Job;
  readonly done: (isWritten: boolean) => void;
}

/**
 * For endpoints with `auditStrict`: no request without a row that says so, committed before it. A start without an
 * attempt of the same id is a request under way, or one that was lost with its process. Starts of two milliseconds are
 * one statement. What cannot be written in time is not sent: a failed attempt, tried again like any other.
 */
@Injectable()
export class AttemptStarts {
  private readonly log = new Logger(AttemptStarts.name);
  private waiting: Start[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly config: WebhooksConfig,
  ) {}

  async before(job: Job, post: () => Promise<WebhookReply>): Promise<WebhookReply> {
    const startId = newId();
    const isWritten = await this.written(startId, job);
    return { ...(isWritten ? await post() : unanswered('start_not_written')), startId };
  }

  private written(id: string, job: Job): Promise<boolean> {
    return new Promise((resolve) => {
      const patience = setTimeout(() => resolve(false), patienceMs);
      const done = (isWritten: boolean) => {
        clearTimeout(patience);
        resolve(isWritten);
      };
      this.waiting.push({ id, job, done });
      if (this.waiting.length >= batchMax) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), lingerMs);
    });
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting;
    this.waiting = [];
    void this.insert(batch).then(
      () => batch.forEach(({ done }) => done(true)),
      (error: unknown) => {
        this.log.error({ err: error }, `${batch.length} starts cannot be written down, nothing is sent for them`);
        batch.forEach(({ done }) => done(false));
      },
    );
  }

  private insert(batch: readonly Start[]): Promise<number> {
    const jobs = batch.map(({ job }) => job);
    return this.db.tx((tx) =>
      tx.execute(INSERT, [
        ...[jobs.map((j) => j.tenantId), batch.map(({ id }) => id), jobs.map((j) => j.id)],
        ...[jobs.map((j) => j.endpointId), jobs.map((j) => j.messageId), jobs.map((j) => j.attempt + 1)],
        this.config.instanceId,
      ]),
    );
  }
}
