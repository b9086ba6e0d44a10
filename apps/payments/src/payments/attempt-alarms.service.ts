import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Attempt, AttemptAlarm } from '../domain/attempt.ts';
import { dateOf } from '../domain/calendar.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Payment } from '../domain/payment.ts';
import { FlagsService } from '../flags/flags.service.ts';
import type { Origin } from './payment-event.ts';
import { SuspenseService } from './suspense.service.ts';

export interface Alarm {
  readonly reason: AttemptAlarm;
  readonly payment: Payment;
  readonly attempt: Attempt;
  readonly outcome: ProviderOutcome;
  readonly origin: Origin;
}

/** What follows, in the transaction of the outcome, when a provider's word does not fit what we asked or were told. */
@Injectable()
export class AttemptAlarms {
  constructor(
    private readonly flags: FlagsService,
    private readonly suspense: SuspenseService,
    private readonly clock: Clock,
  ) {}

  async raise(tx: Tx, { reason, payment, attempt, outcome, origin }: Alarm): Promise<void> {
    if (reason === 'late_success' && outcome.kind === 'approved') {
      const { ref: providerRef, amountMinor, currency } = outcome;
      const effectiveOn = attempt.businessOn ?? dateOf(this.clock.now());
      const money = { provider: attempt.provider, providerRef, amountMinor, currency, effectiveOn };
      const taken = await this.suspense.take(tx, payment, money);
      const detail = `Attempt ${attempt.n} of ${payment.displayId} had failed, now the provider says it was charged.`;
      if (taken) await this.flags.raise(tx, taken, { reason, detail }, origin);
      return;
    }
    const { confirmedMinor: minor, confirmedCurrency: currency } = attempt;
    const amount = reason === 'amount_mismatch' && minor !== null && currency !== null ? { minor, currency } : null;
    const detail = `Attempt ${attempt.n}, ${attempt.operation}, ${attempt.state}: the provider said ${outcome.kind}.`;
    await this.flags.raise(tx, payment, { reason, amount, detail }, origin);
  }
}
