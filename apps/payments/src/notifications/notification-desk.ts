import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { PaymentsConfig } from '../config.ts';
import { nextTryAt, nobody } from '../domain/notification.ts';
import type { ProviderNotification } from '../providers/notification.ts';
import { NotificationRepository } from './notification.repository.ts';
import type { NotificationKey, Waiting } from './notification.repository.ts';
import { NotificationsService } from './notifications.service.ts';

const handled = metrics.counter(
  'payments_notifications_total',
  'What became of what providers told us: stored, repeated, applied, postponed, unmatched.',
  ['result'],
);
const batch = 50;

/**
 * Keeps what providers tell, then applies it: each notification once, in a transaction of its own that also marks it.
 *
 * - crash before it is stored: the provider got no 200 and tells it again
 * - crash after that, or an error: it is applied by the next worker, or tried again later
 * - told five times: one row; told in any order: the states of what it is about take no step back
 */
@Injectable()
export class NotificationDesk {
  private readonly log = new Logger(NotificationDesk.name);

  constructor(
    private readonly db: Database,
    private readonly stored: NotificationRepository,
    private readonly notifications: NotificationsService,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** `nobody` tells what came by the open door: whose it is shows when it is applied. */
  async store(tx: Tx, news: readonly ProviderNotification[], tenantId: string): Promise<void> {
    if (news.length === 0) return;
    const fresh = await this.stored.insert(tx, news, tenantId, this.clock.now());
    tx.afterCommit(() => {
      handled.inc({ result: 'stored' }, fresh);
      handled.inc({ result: 'repeated' }, news.length - fresh);
    });
  }

  /** @returns how many were looked at */
  async applyDue(): Promise<number> {
    const due = await this.db.tx((tx) => this.stored.due(tx, this.clock.now(), batch));
    // One after the other, oldest first: a return is told after the posting that it takes back.
    for (const key of due) await this.apply(key);
    return due.length;
  }

  private async apply(key: NotificationKey): Promise<void> {
    try {
      await this.withLock(key, (tx, waiting) => this.applyOne(tx, key, waiting));
    } catch (error) {
      // It must not hold up those behind it; what it changed is rolled back.
      this.log.error({ ...key, err: error }, 'notification not applied');
      const reason = error instanceof Error ? error.message : String(error);
      await this.withLock(key, (tx, { tries }) => this.postpone(tx, key, { tries, reason }));
    }
  }

  private withLock(key: NotificationKey, work: (tx: Tx, waiting: Waiting) => Promise<void>): Promise<void> {
    return this.db.tx(async (tx) => {
      const waiting = await this.stored.lock(tx, key);
      if (waiting) await work(tx, waiting);
    });
  }

  private async applyOne(tx: Tx, key: NotificationKey, { news, tries }: Waiting): Promise<void> {
    const { provider, tenantId: via } = key;
    const tenantId = via === nobody ? null : via;
    const concerned = await this.notifications.apply(tx, news, { provider, tenantId });
    if (concerned === null) return this.postpone(tx, key, { tries, reason: 'matches nothing' });
    const now = this.clock.now();
    await this.stored.applied(tx, key, concerned, now);
    const { kind, occurredAt } = news;
    tx.afterCommit(() => {
      handled.inc({ result: 'applied' });
      const line = { ...key, kind, tenantId: concerned, tries, lagMs: now.getTime() - occurredAt.getTime() };
      this.log.log(line, 'notification applied');
    });
  }

  private async postpone(tx: Tx, key: NotificationKey, { tries, reason }: { tries: number; reason: string }) {
    const now = this.clock.now();
    const until = nextTryAt(tries, now, this.config.unknownResolveAfterMs);
    if (until) await this.stored.postpone(tx, key, until, reason);
    else await this.stored.giveUp(tx, key, now, reason);
    tx.afterCommit(() => {
      handled.inc({ result: until ? 'postponed' : 'unmatched' });
      if (!until) this.log.error({ ...key, tries, reason }, 'notification needs a person');
    });
  }
}
