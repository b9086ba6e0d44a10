import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { PaymentsConfig } from '../config.ts';
import { createAttempt, isOpen } from '../domain/attempt.ts';
import { DomainError, notFound } from '../domain/errors.ts';
import { allowedActions } from '../domain/payment-state.ts';
import type { PaymentAction } from '../domain/payment-state.ts';
import { followUp, giveUpAuthorisation } from '../domain/payment.ts';
import type { Payment } from '../domain/payment.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { AttemptRepository } from './attempt.repository.ts';
import type { Begun } from './captures.service.ts';
import { Facts } from './facts.service.ts';
import { PaymentRepository } from './payment.repository.ts';
import type { PaymentKey } from './payment.repository.ts';

/** What is done to a held amount. */
export type FollowUp = 'capture' | 'void';

interface FollowUpAsked {
  readonly operation: FollowUp;
  /** Of the request's key; a repetition of the request finds the attempt by it. */
  readonly operationId: string;
}

/** Why a provider did not do it, as the caller is told: the same for every repetition of the request. */
export interface Refusal {
  readonly code: 'authorisation_gone' | 'provider_refused';
  readonly detail: string;
  readonly allowedActions: readonly PaymentAction[];
}

const noSource = { sourceType: null, sourceId: null, sourceAttempt: null } as const;
const batchSize = 200;

const expiries = metrics.counter(
  'payments_authorisations_expired_total',
  'Held amounts that nobody captured in time.',
  [],
);

/** What becomes of held amounts: captured, given back, or gone by themselves. */
@Injectable()
export class AuthorisationsService {
  private readonly log = new Logger(AuthorisationsService.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly attempts: AttemptRepository,
    private readonly facts: Facts,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** The payment, locked; while it is being captured or given back nothing else can be done to it. */
  async lockIdle(tx: Tx, key: PaymentKey): Promise<Payment> {
    const payment = await this.payments.lock(tx, key);
    if (!payment) throw notFound('payment', key.id);
    if (payment.state !== 'authorised') return payment;
    const [latest] = await this.attempts.findLatest(tx, [payment]);
    if (latest && isOpen(latest.state)) {
      throw new DomainError('invalid_transition', `A ${latest.operation} of this payment is under way`, {
        allowedActions: [],
      });
    }
    return payment;
  }

  /** One more attempt, submitted from the start: this request is its worker until the lease ends. */
  async begin(tx: Tx, key: PaymentKey, { operation, operationId }: FollowUpAsked): Promise<Begun> {
    const now = this.clock.now();
    const [authorised, { businessOn }] = await Promise.all([this.lockIdle(tx, key), this.time.today(tx, key.tenantId)]);
    const payment = followUp(authorised, operation, now);
    const attempt = createAttempt(payment, {
      // The database holds no authorised payment without its provider and its name there.
      ...{ operation, operationId },
      ...{ provider: payment.provider!, chargeRef: payment.providerRef, token: null, ...noSource },
      ...{ state: 'submitted', businessOn, createdAt: now, submittedAt: now },
      nextCheckAt: new Date(now.getTime() + this.config.attemptLeaseMs),
    });
    await Promise.all([this.payments.update(tx, [payment]), this.attempts.insert(tx, [attempt])]);
    return { payment, attempt };
  }

  /** A no of the provider is an error to the one who asked. Not knowing yet is none: the payment is as it was. */
  async refusalOf(tx: Tx, payment: Payment, operation: FollowUp): Promise<Refusal | null> {
    const [latest] = await this.attempts.findLatest(tx, [payment]);
    if (latest?.operation !== operation || latest.state !== 'failed') return null;
    const { code = 'unknown', recommendedAction = '' } = latest.failure ?? {};
    const isGone = payment.state === 'discarded';
    return {
      code: isGone ? 'authorisation_gone' : 'provider_refused',
      detail: isGone
        ? `The authorisation cannot be captured any more (${code}); the payment is discarded.`
        : `The provider refused the ${operation}: ${code}, ${recommendedAction}.`,
      allowedActions: allowedActions(payment),
    };
  }

  /**
   * Gives up what nobody captured in time. The provider needs not be asked: by its own word nothing is held any more.
   * What is being captured at this moment is left to the provider's answer.
   */
  async expireDue(tx: Tx): Promise<number> {
    const now = this.clock.now();
    const found = await this.payments.lockExpired(tx, {
      now,
      limit: batchSize,
      onTestClocks: this.config.allowTestClock,
    });
    // Asked again under the lock: a capture may have begun since the search began.
    const latest = await this.attempts.findLatest(tx, found);
    const busy = new Set(latest.filter(({ state }) => isOpen(state)).map(({ paymentId }) => paymentId));
    const due = found.filter(({ id }) => !busy.has(id));
    const expired = due.map((payment) => giveUpAuthorisation(payment, 'expire', now));
    await Promise.all([
      this.payments.update(
        tx,
        expired.map(({ next }) => next),
      ),
      this.facts.say(
        tx,
        expired.flatMap(({ facts }) => facts),
      ),
    ]);
    tx.afterCommit(() => {
      for (const { tenantId, id: paymentId, authorisationExpiresAt: expiredAt } of due) {
        expiries.inc();
        this.log.log({ tenantId, paymentId, expiredAt }, 'authorisation expired');
      }
    });
    return due.length;
  }
}
