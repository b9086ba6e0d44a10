import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { Worker } from '@quittance/service-kit/worker/worker';
import { DisputeRepository } from './dispute.repository.ts';

const warnMs = 3 * 86_400_000;

const due = metrics.counter('payments_disputes_evidence_due_total', 'Open disputes whose evidence is due soon.');

/** Warns once, three days before the evidence of an open dispute is due: after that it is lost by silence. */
@Injectable()
export class WarnDisputesWorker extends Worker {
  private readonly logger = new Logger(WarnDisputesWorker.name);

  constructor(
    private readonly db: Database,
    private readonly disputes: DisputeRepository,
    private readonly clock: Clock,
  ) {
    super('warn-disputes', 60_000);
  }

  protected async work(): Promise<number> {
    const now = this.clock.now();
    const warned = await this.db.tx((tx) => this.disputes.takeToWarn(tx, now, new Date(now.getTime() + warnMs)));
    for (const { tenantId, id, paymentId, evidenceDueAt, reasonCode } of warned) {
      due.inc();
      this.logger.warn({ tenantId, disputeId: id, paymentId, evidenceDueAt, reasonCode }, 'dispute evidence due soon');
    }
    return warned.length;
  }
}
