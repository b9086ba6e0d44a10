import { createAttempt } from './attempt.ts';
import type { Attempt } from './attempt.ts';
import type { Failure } from './outcome.ts';
import { createPayment, execute, refuse } from './payment.ts';
import type { Payment, PaymentFact, SourceType } from './payment.ts';
import { isUsable, noPaymentMethod } from './payment-method.ts';
import type { PaymentMethod } from './payment-method.ts';
import { refuseRePresentment } from './re-presentment.ts';

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
  /** The payments of the same source, oldest first. */
  readonly earlier: readonly Payment[];
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
  const { now, method } = circumstances;
  const latest = circumstances.earlier.at(-1);
  if (latest && (latest.state === 'processing' || latest.state === 'requires_action')) return null;
  const isNew = latest?.state !== 'ready';
  const start = isNew ? create(ask, circumstances) : { next: askAgain(latest, ask, method), facts: [] };
  const stamps = { createdAt: now, businessOn: ask.businessOn };
  const chosen = choose(ask, circumstances);
  if ('failure' in chosen) {
    const refused = refuse(start.next, chosen.failure, now);
    const nothing = { provider: 'none', token: null, state: 'failed', finishedAt: now, ...chosen } as const;
    const attempt = createAttempt(refused.next, { ...stamps, ...nothing });
    return { payment: refused.next, isNew, attempt, facts: [...start.facts, ...refused.facts] };
  }
  const executed = execute(start.next, now);
  const attempt = createAttempt(executed.next, { ...stamps, ...chosen });
  return { payment: executed.next, isNew, attempt, facts: [...start.facts, ...executed.facts] };
}

/** What to charge, or why nobody is asked at all: no usable method, or a bank that has sent it back too often. */
function choose(
  ask: Ask,
  { method, earlier, today }: Circumstances,
): Pick<Attempt, 'provider' | 'token'> | { readonly failure: Failure } {
  if (method === null || !isUsable(method, ask.currency, today)) return { failure: noPaymentMethod };
  const failure = refuseRePresentment(earlier, method.id, today);
  return failure ? { failure } : { provider: method.provider, token: method.token };
}

function create(ask: Ask, { earlier, method, now, newPayment }: Circumstances) {
  const { businessOn: _date, ...asked } = ask;
  const latest = earlier.at(-1);
  const retryOf = latest?.state === 'declined' || latest?.state === 'returned' ? latest.id : null;
  const methodFields = { method: method?.type ?? null, paymentMethodId: method?.id ?? null };
  return createPayment({ ...asked, ...newPayment, ...methodFields, channel: 'autopay', retryOf, now }, 'ready');
}

/** What is still owed may have changed since the last attempt, and so may the instrument. */
function askAgain(payment: Payment, ask: Ask, method: PaymentMethod | null): Payment {
  const { amountMinor, currency, sourceAttempt, invoiceLocator } = ask;
  const asked = { amountMinor, currency, sourceAttempt, invoiceLocator };
  return { ...payment, ...asked, method: method?.type ?? null, paymentMethodId: method?.id ?? null };
}
