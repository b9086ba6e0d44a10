import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { raiseFlag } from '../domain/payment.ts';
import type { Flag, Payment } from '../domain/payment.ts';
import { Facts } from '../payments/facts.service.ts';
import type { Origin } from '../payments/payment-event.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import { FlagRepository } from './flag.repository.ts';

export type Concern = Pick<Flag, 'reason'> & Partial<Pick<Flag, 'amount' | 'detail'>>;

const raised = metrics.counter('payments_flags_raised_total', 'Payments that a person has to look at.', ['reason']);

/** Asks for a person: a row for the workbench and `payment.flagged` for everybody who listens. */
@Injectable()
export class FlagsService {
  private readonly log = new Logger(FlagsService.name);

  constructor(
    private readonly flags: FlagRepository,
    private readonly payments: PaymentRepository,
    private readonly facts: Facts,
    private readonly clock: Clock,
  ) {}

  /**
   * For a payment that the caller holds locked, as it is after the caller's own changes; answers it with its new
   * version. While a flag of this reason is open, raising it again changes nothing.
   */
  async raise(tx: Tx, payment: Payment, concern: Concern, origin?: Origin): Promise<Payment> {
    const { tenantId, id: paymentId } = payment;
    const { reason, amount = null, detail = null } = concern;
    if (await this.flags.isOpen(tx, { tenantId, paymentId, reason })) return payment;
    const now = this.clock.now();
    const flag: Flag = { id: newId(), reason, amount, detail };
    const { next, facts } = raiseFlag(payment, flag, now);
    await Promise.all([
      this.payments.update(tx, [next]),
      this.flags.insert(tx, {
        ...{ tenantId, id: flag.id, paymentId, reason, detail, openedAt: now },
        ...{ amountMinor: amount?.minor ?? null, currency: amount?.currency ?? null },
        ...{ resolvedAt: null, resolution: null, resolvedBy: null },
      }),
      this.facts.say(tx, origin ? facts.map((fact) => ({ ...fact, origin })) : facts),
    ]);
    tx.afterCommit(() => {
      raised.inc({ reason });
      this.log.warn({ tenantId, paymentId, flagId: flag.id, reason, detail }, 'payment flagged');
    });
    return next;
  }
}
