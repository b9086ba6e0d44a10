import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { change } from '../domain/payment-change.ts';
import type { Payment } from '../domain/payment.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { AuthorisationsService } from './authorisations.service.ts';
import { Facts } from './facts.service.ts';
import type { ChangeRequest } from './payment-request.ts';
import { PaymentRepository } from './payment.repository.ts';
import type { PaymentKey } from './payment.repository.ts';

const changes = metrics.counter('payments_changes_total', 'Payments that a person changed.', ['action']);

/** What a person decides about a payment that is there. */
@Injectable()
export class ChangesService {
  private readonly log = new Logger(ChangesService.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly authorisations: AuthorisationsService,
    private readonly facts: Facts,
    private readonly time: TenantTime,
    private readonly clock: Clock,
  ) {}

  async change(tx: Tx, key: PaymentKey, { action, amend, returned }: ChangeRequest): Promise<Payment> {
    const [payment, today] = await Promise.all([
      this.authorisations.lockIdle(tx, key),
      this.time.today(tx, key.tenantId),
    ]);
    const amendment = amend && amend(payment);
    const returnedOn = returned.returnedOn ?? today.on;
    const decision = change(payment, { action, amendment, returned: { ...returned, returnedOn } }, this.clock.now());
    if (decision.next === payment) return payment;
    await Promise.all([this.payments.update(tx, [decision.next]), this.facts.say(tx, decision.facts)]);
    const { tenantId, id: paymentId, state: from } = payment;
    const line = { tenantId, paymentId, action, isCorrected: amendment !== null, from, to: decision.next.state };
    tx.afterCommit(() => {
      changes.inc({ action: action ?? 'update' });
      this.log.log(line, 'payment changed');
    });
    return decision.next;
  }
}
