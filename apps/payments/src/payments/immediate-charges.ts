import { Injectable } from '@nestjs/common';
import { answering } from '@quittance/service-kit/database/idempotency';
import type { ForeignCall } from '@quittance/service-kit/database/idempotency';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PaymentsConfig } from '../config.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Payment } from '../domain/payment.ts';
import { describeToken } from '../payment-methods/describe-token.ts';
import { Providers } from '../providers/providers.ts';
import { AttemptsService } from './attempts.service.ts';
import { AuthorisationsService } from './authorisations.service.ts';
import type { FollowUp, Refusal } from './authorisations.service.ts';
import { CapturesService } from './captures.service.ts';
import type { Begun } from './captures.service.ts';
import { pursue } from './charge.ts';
import type { ChargeNow } from './payment-request.ts';
import type { PaymentKey } from './payment.repository.ts';
import { PaymentsService } from './payments.service.ts';

/** An attempt that a request waits for; a null outcome when somebody else has recorded one meanwhile. */
export type AttemptCall<T> = ForeignCall<Attempt, ProviderOutcome | null, T>;

/**
 * What a provider is asked within a request, as `once.across` walks it: begin (committed with the request's key) →
 * provider → record (committed with the answer). No transaction is open while the provider is asked.
 *
 * - crash before the record: the attempt is `submitted`; when its lease ends the resolver asks what became of it, or a
 *   repetition of the request does, whoever comes first
 * - a repetition never begins a second attempt: it resumes the first, or gets the first answer
 */
@Injectable()
export class ImmediateCharges {
  constructor(
    private readonly captures: CapturesService,
    private readonly authorisations: AuthorisationsService,
    private readonly attempts: AttemptsService,
    private readonly payments: PaymentsService,
    private readonly providers: Providers,
    private readonly config: PaymentsConfig,
  ) {}

  async charge(tenantId: string, request: ChargeNow): Promise<AttemptCall<Payment>> {
    const { currency } = request.input;
    const token =
      'token' in request ? await describeToken(this.providers, request.token, { tenantId, currency }) : null;
    return this.within(tenantId, (tx, operationId) =>
      this.captures.begin(tx, {
        tenantId,
        operationId,
        request,
        token,
        senderOf: (name) => this.providers.senderOf(name),
      }),
    );
  }

  /** Captures or gives back what is held. A provider's no is part of the answer: the payment tells what is left. */
  followUp(key: PaymentKey, operation: FollowUp): AttemptCall<{ payment: Payment; refusal: Refusal | null }> {
    const call = this.within(key.tenantId, (tx, operationId) =>
      this.authorisations.begin(tx, key, { operation, operationId }),
    );
    return answering(call, async (tx, payment) => ({
      payment,
      refusal: await this.authorisations.refusalOf(tx, payment, operation),
    }));
  }

  private within(tenantId: string, begin: (tx: Tx, operationId: string) => Promise<Begun>): AttemptCall<Payment> {
    return {
      leaseMs: this.config.attemptLeaseMs,
      begin: async (tx, operationId) => (await begin(tx, operationId)).attempt,
      resume: (tx, operationId) => this.attempts.takeOver(tx, { tenantId, operationId }),
      call: (attempt) => pursue(this.providers, attempt),
      finish: async (tx, attempt, outcome) => {
        if (outcome) await this.attempts.record(tx, [{ attempt, outcome }]);
        return this.payments.get(tx, { tenantId, id: attempt.paymentId });
      },
    };
  }
}
