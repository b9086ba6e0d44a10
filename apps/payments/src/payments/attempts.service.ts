import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { PaymentsConfig } from '../config.ts';
import { applyOutcome } from '../domain/attempt.ts';
import type { Attempt, AttemptDecision } from '../domain/attempt.ts';
import { effectOn } from '../domain/attempt-effect.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { Providers } from '../providers/providers.ts';
import { AttemptAlarms } from './attempt-alarms.service.ts';
import { AttemptRepository } from './attempt.repository.ts';
import type { AttemptKey, OperationKey } from './attempt.repository.ts';
import { Facts } from './facts.service.ts';
import { PaymentRepository } from './payment.repository.ts';

export interface AttemptResult {
  readonly attempt: AttemptKey;
  readonly outcome: ProviderOutcome;
}

const outcomes = metrics.counter('payments_attempt_outcomes_total', 'What providers said of attempts.', ['outcome']);
const alarms = metrics.counter('payments_attempt_alarms_total', 'Attempts that a person has to look at.', ['reason']);

const idOf = (key: { tenantId: string; paymentId: string }) => `${key.tenantId} ${key.paymentId}`;

/**
 * What becomes of attempts: claimed before the provider is called, recorded after it answered, each in its own
 * commit.
 */
@Injectable()
export class AttemptsService {
  private readonly log = new Logger(AttemptsService.name);

  constructor(
    private readonly payments: PaymentRepository,
    private readonly attempts: AttemptRepository,
    private readonly facts: Facts,
    private readonly attemptAlarms: AttemptAlarms,
    private readonly providers: Providers,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** To whom an attempt goes that is sent now, with a token of this provider. */
  senderOf(provider: string): string {
    return this.providers.senderOf(provider);
  }

  /**
   * Also decides for good to whom each is sent, since nothing has been sent yet: a standby may charge, and what follows
   * a charge goes to whoever holds it.
   */
  async claimCreated(tx: Tx, limit: number): Promise<Attempt[]> {
    const now = this.clock.now();
    const lease = new Date(now.getTime() + this.config.attemptLeaseMs);
    const claimed = await this.attempts.claimCreated(tx, limit, now, lease);
    const sent = claimed.map((attempt) => {
      const sender = attempt.chargeRef === null ? this.senderOf(attempt.provider) : attempt.provider;
      return sender === attempt.provider ? attempt : { ...attempt, provider: sender };
    });
    await this.attempts.divert(
      tx,
      sent.filter((attempt, i) => attempt !== claimed[i]),
    );
    return sent;
  }

  claimToCheck(tx: Tx, limit: number): Promise<Attempt[]> {
    const now = this.clock.now();
    return this.attempts.claimToCheck(tx, limit, now, new Date(now.getTime() + this.config.attemptLeaseMs));
  }

  /** What a request began and another one of the same key goes on with; the resolver is kept away meanwhile. */
  async takeOver(tx: Tx, key: OperationKey): Promise<Attempt> {
    const checkAt = new Date(this.clock.now().getTime() + this.config.attemptLeaseMs);
    const attempt = await this.attempts.takeOver(tx, key, checkAt);
    if (!attempt) throw new Error(`the operation ${key.operationId} has no attempt`);
    return attempt;
  }

  /**
   * Records what providers said, any number of attempts in a fixed number of statements. Saying it twice changes
   * nothing: an attempt that has its outcome keeps it.
   */
  async record(tx: Tx, results: readonly AttemptResult[]): Promise<void> {
    const now = this.clock.now();
    const keys = results.map(({ attempt }) => attempt);
    const paymentKeys = keys.map(({ tenantId, paymentId }) => ({ tenantId, id: paymentId }));
    // Payments first, as everybody who locks both.
    const [payments, attempts] = await Promise.all([
      this.payments.lockMany(tx, paymentKeys),
      this.attempts.lockMany(tx, keys),
    ]);
    const paymentOf = new Map(payments.map((payment) => [`${payment.tenantId} ${payment.id}`, payment]));
    const outcomeOf = new Map(results.map(({ attempt, outcome }) => [`${idOf(attempt)} ${attempt.n}`, outcome]));
    const decided = attempts.flatMap((attempt) => {
      const outcome = outcomeOf.get(`${idOf(attempt)} ${attempt.n}`);
      const payment = paymentOf.get(idOf(attempt));
      if (!outcome || !payment) return [];
      const decision = applyOutcome(attempt, outcome, now, this.config.unknownResolveAfterMs);
      this.report(tx, attempt, outcome, decision);
      return [{ payment, outcome, decision, change: effectOn(payment, decision, now) }];
    });
    const changes = decided.flatMap(({ change, decision }) => (change ? [{ change, attempt: decision.next }] : []));
    const moved = decided.filter(({ decision }, i) => decision.next !== attempts[i]);
    await Promise.all([
      this.attempts.update(
        tx,
        moved.map(({ decision }) => decision.next),
      ),
      this.payments.update(
        tx,
        changes.map(({ change }) => change.next),
      ),
      this.facts.say(
        tx,
        changes.flatMap(({ change, attempt }) => change.facts.map((fact) => ({ ...fact, origin: originOf(attempt) }))),
      ),
    ]);
    for (const { payment, outcome, decision } of decided) {
      if (decision.alarm === undefined) continue;
      const { next: attempt, alarm: reason } = decision;
      await this.attemptAlarms.raise(tx, { reason, payment, attempt, outcome, origin: originOf(attempt) });
    }
  }

  /** One wide line for each outcome, when it is true. */
  private report(tx: Tx, attempt: Attempt, outcome: ProviderOutcome, { next, effect, alarm }: AttemptDecision): void {
    const { tenantId, paymentId, n, provider, checks, sourceType, sourceId, sourceAttempt } = attempt;
    const tookMs = attempt.submittedAt ? this.clock.now().getTime() - attempt.submittedAt.getTime() : null;
    const line = {
      ...{ tenantId, paymentId, n, provider, checks, sourceType, sourceId, sourceAttempt, tookMs, effect },
      ...{ outcome: outcome.kind, from: attempt.state, to: next.state, code: next.failure?.code, reason: next.reason },
      alarm,
    };
    tx.afterCommit(() => {
      outcomes.inc({ outcome: outcome.kind });
      if (alarm === undefined) return this.log.log(line, 'attempt recorded');
      alarms.inc({ reason: alarm });
      this.log.error(line, 'attempt needs a person');
    });
  }
}

function originOf({ correlationId, traceparent }: Attempt) {
  return { correlationId: correlationId ?? undefined, traceparent: traceparent ?? undefined };
}
