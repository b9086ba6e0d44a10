import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { NotificationRepository } from './notification.repository.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const batch = 1_000;
/** Providers repeat themselves for some days; after that the state of what it is about makes a repetition harmless. */
const keptDays = 30;

/** Forgets what was applied long ago. What nobody could match stays, for a person to look at. */
@Injectable()
export class PurgeNotificationsWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly stored: NotificationRepository,
    private readonly clock: Clock,
  ) {
    super('purge-notifications', hourMs);
  }

  protected work(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - keptDays * dayMs);
    return this.db.tx((tx) => this.stored.purge(tx, before, batch));
  }
}
