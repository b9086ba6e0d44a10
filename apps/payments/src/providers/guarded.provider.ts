import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import type { CircuitBreakerPolicy } from 'cockatiel';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { isNobodyThere } from './broken-line.ts';
import type { ProviderNotification } from './notification.ts';
import { PaymentProvider, ProviderUnavailable } from './provider.ts';
import type { ChargeRequest, Description, FollowUpRequest, LookupQuestion, NotificationRequest } from './provider.ts';

export interface BreakerOptions {
  /** Failures in a row to reach the provider. */
  readonly failures: number;
  /** How long it is left alone then, until one call tries it. */
  readonly resetMs: number;
}

const open = metrics.gauge(
  'payments_provider_circuit_open',
  '1 while a provider is left alone because it was not reached.',
  ['provider'],
);
const reason = 'circuit open';

/**
 * Leaves a provider alone that is not there: every call is answered at once with what is true then, that nothing was
 * sent. Only failures to reach it count; a "no", a "not now" and silence come from somebody who is there.
 */
export class GuardedProvider extends PaymentProvider {
  readonly name: string;
  private readonly circuit: CircuitBreakerPolicy;
  private restsUntil = 0;

  constructor(
    private readonly inner: PaymentProvider,
    { failures, resetMs }: BreakerOptions,
  ) {
    super();
    this.name = inner.name;
    const policy = handleWhen((error) => error instanceof ProviderUnavailable && isNobodyThere(error.message));
    this.circuit = circuitBreaker(
      policy.orWhenResult((said) => typeof said === 'object' && said !== null && isUnreached(said)),
      { halfOpenAfter: resetMs, breaker: new ConsecutiveBreaker(failures) },
    );
    open.set({ provider: this.name }, 0);
    this.circuit.onStateChange((state) => open.set({ provider: this.name }, state === CircuitState.Closed ? 0 : 1));
    this.circuit.onBreak(() => (this.restsUntil = Date.now() + resetMs));
  }

  /** Once it has rested it is worth a try again: nobody else would find out that it is back. */
  override get isAvailable(): boolean {
    const { state } = this.circuit;
    return state === CircuitState.Closed || (state === CircuitState.Open && Date.now() >= this.restsUntil);
  }

  describe(token: string): Promise<Description> {
    return this.guarded(() => this.inner.describe(token), unavailable);
  }

  charge(request: ChargeRequest): Promise<ProviderOutcome> {
    return this.guarded(() => this.inner.charge(request), neverReached);
  }

  capture(request: FollowUpRequest): Promise<ProviderOutcome> {
    return this.guarded(() => this.inner.capture(request), neverReached);
  }

  void(request: FollowUpRequest): Promise<ProviderOutcome> {
    return this.guarded(() => this.inner.void(request), neverReached);
  }

  refund(request: FollowUpRequest): Promise<ProviderOutcome> {
    return this.guarded(() => this.inner.refund(request), neverReached);
  }

  /** Not having asked says nothing about what an earlier sending did. */
  lookup(question: LookupQuestion): ReturnType<PaymentProvider['lookup']> {
    return this.guarded(
      () => this.inner.lookup(question),
      () => ({ kind: 'unknown', reason }) as const,
    );
  }

  notifications(request: NotificationRequest): readonly ProviderNotification[] {
    return this.inner.notifications(request);
  }

  override reachDay(day: { tenantId: string; businessOn: string }): Promise<readonly ProviderNotification[]> {
    return this.guarded(() => this.inner.reachDay(day), unavailable);
  }

  override close(): Promise<void> {
    return this.inner.close();
  }

  private async guarded<T>(call: () => Promise<T>, whenOpen: () => T): Promise<T> {
    // One call tries the provider again; the others do not wait for it, they have deadlines of their own.
    if (this.circuit.state === CircuitState.HalfOpen) return whenOpen();
    try {
      return await this.circuit.execute(call);
    } catch (error) {
      if (isBrokenCircuitError(error)) return whenOpen();
      throw error;
    }
  }
}

const neverReached = () => ({ kind: 'never_reached', reason }) as const;

function unavailable(): never {
  throw new ProviderUnavailable(reason);
}

function isUnreached(said: { reason?: unknown }): boolean {
  return typeof said.reason === 'string' && isNobodyThere(said.reason);
}
