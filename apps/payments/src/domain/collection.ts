import { createAttempt } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import { createPayment, execute, refuse } from './payment.ts';
import type { Payment, PaymentFact, SourceType } from './payment.ts';
import { isUsable, noPaymentMethod } from './payment-method.ts';
import type { PaymentMethod } from './payment-method.ts';

/** Billing asks for money: once for each (source, attempt), however often the asking is repeated. */
export interface Ask {
  readonly tenantId: string;
  readonly sourceType: SourceType;
  readonly sourceId: string;
  readonly sourceAttempt: number;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly policyLocator: string;
  readonly policyholderLocator: string;
  readonly invoiceLocator: string;
  /** Of a test clock; null on real time. */
  readonly businessOn: string | null;
}

export interface Collection {
  readonly payment: Payment;
  readonly isNew: boolean;
  readonly attempt: Attempt;
  readonly facts: readonly PaymentFact[];
}

export interface Circumstances {
  /** The latest payment of the same source. */
  readonly latest: Payment | null;
  readonly method: PaymentMethod | null;
  readonly today: string;
  readonly now: Date;
  /** Identity for a payment, if one has to be made. */
  readonly newPayment: Pick<Payment, 'id' | 'displayId'>;
}

/**
 * One more attempt for a source, or none while another one is open: money that may be on its way is not asked for
 * twice.
 */
export function collect(ask: Ask, circumstances: Circumstances): Collection | null {
  const { latest, now, method } = circumstances;
  if (latest && (latest.state === 'processing' || latest.state === 'requires_action')) return null;
  const isNew = latest?.state !== 'ready';
  const start = isNew ? create(ask, circumstances) : { next: askAgain(latest, ask, method), facts: [] };
  const stamps = { createdAt: now, businessOn: ask.businessOn };
  if (method === null || !isUsable(method, ask.currency, circumstances.today)) {
    const refused = refuse(start.next, noPaymentMethod, now);
    const token = {
      provider: 'none',
      token: null,
      state: 'failed',
      failure: noPaymentMethod,
      finishedAt: now,
    } as const;
    const attempt = createAttempt(refused.next, { ...stamps, ...token });
    return { payment: refused.next, isNew, attempt, facts: [...start.facts, ...refused.facts] };
  }
  const executed = execute(start.next, now);
  const attempt = createAttempt(executed.next, { ...stamps, provider: method.provider, token: method.token });
  return { payment: executed.next, isNew, attempt, facts: [...start.facts, ...executed.facts] };
}

function create(ask: Ask, { latest, method, now, newPayment }: Circumstances) {
  const { businessOn: _date, ...asked } = ask;
  const retryOf = latest?.state === 'declined' ? latest.id : null;
  const methodFields = { method: method?.type ?? null, paymentMethodId: method?.id ?? null };
  return createPayment({ ...asked, ...newPayment, ...methodFields, channel: 'autopay', retryOf, now }, 'ready');
}

/** What is still owed may have changed since the last attempt, and so may the instrument. */
function askAgain(payment: Payment, ask: Ask, method: PaymentMethod | null): Payment {
  const { amountMinor, currency, sourceAttempt, invoiceLocator } = ask;
  const asked = { amountMinor, currency, sourceAttempt, invoiceLocator };
  return { ...payment, ...asked, method: method?.type ?? null, paymentMethodId: method?.id ?? null };
}
