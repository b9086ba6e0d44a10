import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { change } from '../domain/payment-change.ts';
import type { Payment } from '../domain/payment.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { AuthorisationsService } from './authorisations.service.ts';
import { Facts } from './facts.service.ts';
import type { ChangeRequest } from './payment-request.ts';
import { PaymentRepository } from './payment.repository.ts';
import type { PaymentKey } from './payment.repository.ts';

/** What a person decides about a payment that is there. */
@Injectable()
export class ChangesService {
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
    return decision.next;
  }
}
