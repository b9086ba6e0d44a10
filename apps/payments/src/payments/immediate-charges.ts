import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Problem } from '@quittance/service-kit/http/problem';
import type { Payment } from '../domain/payment.ts';
import { describeToken } from '../payment-methods/describe-token.ts';
import { Providers } from '../providers/providers.ts';
import { AttemptsService } from './attempts.service.ts';
import { CapturesService } from './captures.service.ts';
import type { Begun } from './captures.service.ts';
import { charge } from './charge.ts';
import type { ChargeNow } from './payment-request.ts';
import { PaymentsService } from './payments.service.ts';

/** Runs `begin` in a guarded transaction, or not at all when the request is a repetition; answers the payment's id. */
export type Guard = (begin: (tx: Tx) => Promise<Payment>) => Promise<string>;

/**
 * A charge within a request: begin (committed with the idempotency row) → provider → record. No transaction is open
 * while the provider is asked.
 *
 * - crash before the record: the attempt is `submitted`, the resolver asks the provider when its lease ends
 * - a repeated key never charges again: it is answered with the payment as it is now, or 409 while the first waits
 */
@Injectable()
export class ImmediateCharges {
  constructor(
    private readonly db: Database,
    private readonly captures: CapturesService,
    private readonly attempts: AttemptsService,
    private readonly payments: PaymentsService,
    private readonly providers: Providers,
  ) {}

  async charge(tenantId: string, request: ChargeNow, guard: Guard): Promise<Payment> {
    const token = 'token' in request ? await describeToken(this.providers, request.token, { tenantId, currency: request.input.currency }) : null;
    let begun: Begun | undefined;
    const id = await guard(async (tx) => {
      begun = await this.captures.begin(tx, tenantId, request, token);
      return begun.payment;
    });
    if (!begun) return this.repeated(tenantId, id);
    const { attempt } = begun;
    const outcome = await charge(this.providers, attempt);
    return this.db.withTenant(tenantId, async (tx) => {
      await this.attempts.record(tx, [{ attempt, outcome }]);
      return this.payments.get(tx, { tenantId, id });
    });
  }

  private repeated(tenantId: string, id: string): Promise<Payment> {
    return this.db.withTenant(tenantId, async (tx) => {
      const payment = await this.payments.get(tx, { tenantId, id });
      if (await this.captures.isUnderWay(tx, payment)) {
        throw new Problem(409, 'request_in_progress', 'A request with this Idempotency-Key is still running.', {
          retryAfter: 1,
        });
      }
      return payment;
    });
  }
}
