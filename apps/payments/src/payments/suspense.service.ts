import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { displayIdOf } from '../domain/display-id.ts';
import type { Payment } from '../domain/payment.ts';
import { postToSuspense } from '../domain/suspense.ts';
import type { UninvitedMoney } from '../domain/suspense.ts';
import { Facts } from './facts.service.ts';
import { PaymentRepository } from './payment.repository.ts';

/** Takes money that nobody asked for into suspense: once for each charge of a provider, however often it is told. */
@Injectable()
export class SuspenseService {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly facts: Facts,
    private readonly clock: Clock,
  ) {}

  /** The caller holds the original locked. Null when this charge is a posted payment already. */
  async take(tx: Tx, original: Payment, money: UninvitedMoney): Promise<Payment | null> {
    const { provider, providerRef } = money;
    const { tenantId } = original;
    if (await this.payments.isPosted(tx, { tenantId, provider, providerRef })) return null;
    const id = newId();
    const { next, facts } = postToSuspense(original, money, { id, displayId: displayIdOf(id) }, this.clock.now());
    await Promise.all([this.payments.insert(tx, [next]), this.facts.say(tx, facts)]);
    return next;
  }
}
