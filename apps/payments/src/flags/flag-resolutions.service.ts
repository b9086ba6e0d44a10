import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { acceptMismatch } from '../domain/attempt.ts';
import { dateOf } from '../domain/calendar.ts';
import { notFound } from '../domain/errors.ts';
import { resolveFlag } from '../domain/flag.ts';
import type { RaisedFlag, Resolution } from '../domain/flag.ts';
import { failAttempt, giveUpAuthorisation } from '../domain/payment.ts';
import type { Payment } from '../domain/payment.ts';
import { AttemptRepository } from '../payments/attempt.repository.ts';
import { Facts } from '../payments/facts.service.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import { SuspenseService } from '../payments/suspense.service.ts';
import { FlagRepository } from './flag.repository.ts';
import type { FlagPage } from './flag.repository.ts';

/** What people make of flags. */
@Injectable()
export class FlagResolutions {
  constructor(
    private readonly flags: FlagRepository,
    private readonly payments: PaymentRepository,
    private readonly attempts: AttemptRepository,
    private readonly suspense: SuspenseService,
    private readonly facts: Facts,
    private readonly clock: Clock,
  ) {}

  list(tx: Tx, page: FlagPage): Promise<RaisedFlag[]> {
    return this.flags.page(tx, page);
  }

  async resolve(
    tx: Tx,
    key: { tenantId: string; id: string },
    said: { resolution: Resolution; resolvedBy: string },
  ): Promise<RaisedFlag> {
    const { tenantId } = key;
    const found = await this.flags.find(tx, key);
    if (!found) throw notFound('payment flag', key.id);
    // The payment first, as everybody who locks both.
    const payment = await this.payments.lock(tx, { tenantId, id: found.paymentId });
    const flag = await this.flags.lock(tx, key);
    if (!payment || !flag) throw notFound('payment flag', key.id);
    const resolved = resolveFlag(flag, said, this.clock.now());
    await this.flags.resolve(tx, resolved);
    if (resolved.resolution === 'accept_confirmed') await this.acceptConfirmed(tx, payment);
    return resolved;
  }

  /**
   * The payment is declined: what was asked for did not come. What did come is a payment of its own, in suspense, from
   * where it can be applied or refunded.
   */
  private async acceptConfirmed(tx: Tx, payment: Payment): Promise<void> {
    const { tenantId, id: paymentId, attemptNo: n } = payment;
    const now = this.clock.now();
    const [attempt] = await this.attempts.lockMany(tx, [{ tenantId, paymentId, n }]);
    if (!attempt) throw notFound('payment attempt', `${paymentId} ${n}`);
    const { next, failure, confirmed } = acceptMismatch(attempt, now);
    const isFollowUp = attempt.operation === 'capture';
    const ended = isFollowUp ? giveUpAuthorisation(payment, 'expire', now) : failAttempt(payment, failure, now);
    await Promise.all([
      this.attempts.update(tx, [next]),
      this.payments.update(tx, [ended.next]),
      this.facts.say(tx, ended.facts),
    ]);
    const effectiveOn = attempt.businessOn ?? dateOf(now);
    await this.suspense.take(tx, ended.next, { ...confirmed, provider: attempt.provider, effectiveOn });
  }
}
