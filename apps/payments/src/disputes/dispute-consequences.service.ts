import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { loseDispute } from '../domain/dispute.ts';
import type { Dispute } from '../domain/dispute.ts';
import type { Payment } from '../domain/payment.ts';
import { FlagsService } from '../flags/flags.service.ts';
import { Facts } from '../payments/facts.service.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';

/** What a dispute does to its payment, which the caller holds locked. */
@Injectable()
export class DisputeConsequences {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly flags: FlagsService,
    private readonly facts: Facts,
    private readonly clock: Clock,
  ) {}

  /** The money is gone: the payment goes back, and whatever does not add up is for a person. */
  async lost(tx: Tx, payment: Payment, dispute: Dispute): Promise<void> {
    const decision = loseDispute(payment, dispute, this.clock.now());
    let next = decision?.next ?? payment;
    await Promise.all([this.payments.update(tx, [next]), this.facts.say(tx, decision?.facts ?? [])]);
    const { currency, amountMinor, doubleRecoveryMinor: excess } = dispute;
    const lost = formatAmount({ minor: amountMinor, currency });
    if (excess > 0n) {
      const detail = `Dispute ${dispute.providerRef} took ${lost} ${currency} from what was partly given back already.`;
      const amount = { minor: excess, currency };
      next = await this.flags.raise(tx, next, { reason: 'double_recovery', amount, detail });
    }
    if (decision || payment.state === 'returned') return;
    const reason = payment.state === 'posted' ? 'amount_mismatch' : 'contradiction';
    const { providerRef } = dispute;
    const detail = `Dispute ${providerRef} took ${lost} ${currency}; the payment is ${payment.state} all the same.`;
    await this.flags.raise(tx, next, { reason, amount: { minor: amountMinor, currency }, detail });
  }

  /** The provider now says the opposite of how the dispute ended. */
  async contradicted(tx: Tx, payment: Payment, dispute: Dispute): Promise<void> {
    const detail = `Dispute ${dispute.providerRef} ended as ${dispute.state}, now the provider says the opposite.`;
    await this.flags.raise(tx, payment, { reason: 'contradiction', detail });
  }
}
