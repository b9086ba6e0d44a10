import { Injectable } from '@nestjs/common';
import { Worker } from '@quittance/service-kit/worker/worker';
import { NotificationDesk } from './notification-desk.ts';

/** Applies what providers told, whichever process took it in; see `NotificationDesk` for what a crash leaves. */
@Injectable()
export class ApplyNotificationsWorker extends Worker {
  constructor(private readonly desk: NotificationDesk) {
    super('apply-notifications', 250);
  }

  protected work(): Promise<number> {
    return this.desk.applyDue();
  }
}
