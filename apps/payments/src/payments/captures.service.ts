import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { isUuid } from '@quittance/service-kit/http/path-id';
import { PaymentsConfig } from '../config.ts';
import { createAttempt } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import { fieldError } from '../domain/errors.ts';
import { createPayment, execute } from '../domain/payment.ts';
import type { Payment } from '../domain/payment.ts';
import { isUsable } from '../domain/payment-method.ts';
import type { Instrument } from '../domain/payment-method.ts';
import { PaymentMethodRepository } from '../payment-methods/payment-method.repository.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { AttemptRepository } from './attempt.repository.ts';
import { newPayment } from './new-payment.ts';
import { Facts } from './facts.service.ts';
import type { ChargeNow } from './payment-request.ts';
import { PaymentRepository } from './payment.repository.ts';

/** What is charged: a stored method, or a token seen for the first time. */
interface Chargeable {
  readonly provider: string;
  readonly token: string;
  readonly type: Instrument['type'];
  readonly paymentMethodId: string | null;
}

export interface Begun {
  readonly payment: Payment;
  readonly attempt: Attempt;
}

export type TokenInstrument = { readonly provider: string; readonly instrument: Instrument } | null;

export interface Asked {
  readonly tenantId: string;
  /** Of the request's key; a repetition of the request finds the attempt by it. */
  readonly operationId: string | null;
  readonly request: ChargeNow;
  /** What the token stands for, where the request brings one. */
  readonly token: TokenInstrument;
  /** To whom it goes that would go to this provider, which may not be reached at the moment. */
  readonly senderOf?: (provider: string) => string;
}

/**
 * Charges, or only holds, inside a request, by the same attempt as any other: begun in one commit, recorded in
 * another.
 */
@Injectable()
export class CapturesService {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly attempts: AttemptRepository,
    private readonly methods: PaymentMethodRepository,
    private readonly time: TenantTime,
    private readonly facts: Facts,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** The attempt is submitted from the start: this request is its worker until the lease ends, then the resolver is. */
  async begin(tx: Tx, asked: Asked): Promise<Begun> {
    const { tenantId, operationId, request, senderOf = (provider) => provider } = asked;
    const now = this.clock.now();
    const { on: today, businessOn } = await this.time.today(tx, tenantId);
    const chargeable = await this.chargeable(tx, asked, today);
    const { type: method, paymentMethodId } = chargeable;
    const origin = request.linkId === undefined ? {} : ({ linkId: request.linkId, channel: 'link' } as const);
    const created = createPayment(
      { ...newPayment(tenantId, request.input, now), ...origin, method, paymentMethodId },
      'ready',
    );
    const { next: payment, facts } = execute(created.next, now);
    const lease = new Date(now.getTime() + this.config.attemptLeaseMs);
    const attempt = createAttempt(payment, {
      ...{ provider: senderOf(chargeable.provider), token: chargeable.token, state: 'submitted', businessOn },
      ...{ operationId, operation: request.capture ? 'charge' : 'authorise' },
      ...{ createdAt: now, submittedAt: now, nextCheckAt: lease },
    });
    await Promise.all([
      this.payments.insert(tx, [payment]),
      this.attempts.insert(tx, [attempt]),
      this.facts.say(tx, [...created.facts, ...facts]),
    ]);
    return { payment, attempt };
  }

  private async chargeable(tx: Tx, { tenantId, request, token }: Asked, today: string): Promise<Chargeable> {
    const { currency } = request.input;
    if ('token' in request) {
      if (!token || !isUsable({ ...token.instrument, state: 'active' }, currency, today)) {
        throw fieldError('payment_method_not_usable', '/token', 'cannot be charged');
      }
      return {
        ...{ provider: token.provider, token: request.token },
        type: token.instrument.type,
        paymentMethodId: null,
      };
    }
    const id = request.paymentMethodId.toLowerCase();
    const method = isUuid(id) ? await this.methods.find(tx, { tenantId, id }) : null;
    if (!method) throw fieldError('unknown_payment_method', '/paymentMethodId', 'there is no such payment method');
    if (!isUsable(method, currency, today)) {
      throw fieldError('payment_method_not_usable', '/paymentMethodId', 'cannot be charged');
    }
    return { provider: method.provider, token: method.token, type: method.type, paymentMethodId: method.id };
  }
}
