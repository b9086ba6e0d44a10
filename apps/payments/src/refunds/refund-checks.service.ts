import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Disbursement, DisbursementEvent } from '../domain/disbursement.ts';
import { failByCheck, settleByCheck } from '../domain/refund.ts';
import type { RefundCase, RefundDecision } from '../domain/refund.ts';
import { FlagsService } from '../flags/flags.service.ts';
import { doubleRecovery } from './double-recovery.ts';
import { RefundBook } from './refund-book.ts';

/** What becomes of a refund with the cheque that pays it. */
@Injectable()
export class RefundChecks {
  constructor(
    private readonly book: RefundBook,
    private readonly flags: FlagsService,
    private readonly clock: Clock,
  ) {}

  /** Before the disbursement itself: payment, refund, disbursement is everybody's order. */
  async lock(tx: Tx, { tenantId, refundId }: Disbursement): Promise<RefundCase | null> {
    return refundId === null ? null : this.book.lock(tx, { tenantId, id: refundId });
  }

  async follow(tx: Tx, at: RefundCase, step: { event: DisbursementEvent; on: string }): Promise<void> {
    const decision = this.decide(at, step);
    if (!decision) return;
    await this.book.save(tx, { decision });
    const concern = step.event === 'issue' ? doubleRecovery(decision) : null;
    if (concern) await this.flags.raise(tx, decision.payment, concern);
  }

  private decide(at: RefundCase, { event, on }: { event: DisbursementEvent; on: string }): RefundDecision | null {
    const now = this.clock.now();
    switch (event) {
      case 'issue':
        return settleByCheck(at, on, now);
      case 'reject':
        return failByCheck(at, 'check_rejected', now);
      case 'discard':
        return failByCheck(at, 'check_discarded', now);
      case 'void':
        return failByCheck(at, 'check_voided', now);
      default:
        return null;
    }
  }
}
