import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { seedState } from '../domain/payment.ts';
import type { Payment, PaymentFact } from '../domain/payment.ts';

type PaymentData = EventData<'payment.posted'>;
export type Origin = Pick<NewEvent, 'cause' | 'correlationId' | 'traceparent'>;

/** The one place where a fact of the domain becomes an event of the contract. */
export function toEvent({ type, payment, failure, reversal }: PaymentFact, origin: Origin = {}): NewEvent {
  const data: PaymentData = {
    ...snapshot(payment),
    ...(failure ? { failure } : {}),
    ...(reversal
      ? {
          reversal: {
            reversalId: reversal.id,
            reason: reversal.reason,
            ...present({ name: reversal.name, details: reversal.details }),
          },
        }
      : {}),
  };
  const { tenantId, id, version, updatedAt } = payment;
  return { type: `payment.${type}`, tenantId, subject: id, sequence: version, data, time: updatedAt, ...origin };
}

function snapshot(payment: Payment): PaymentData {
  const { sourceType, sourceId, sourceAttempt } = payment;
  return {
    locator: payment.id,
    displayId: payment.displayId,
    state: seedState(payment.state),
    amount: toWire({ minor: payment.amountMinor, currency: payment.currency }),
    method: payment.method,
    channel: payment.channel,
    createdTimestamp: payment.createdAt.toISOString(),
    ...(sourceType && sourceId && sourceAttempt
      ? { source: { type: sourceType, id: sourceId, attempt: sourceAttempt } }
      : {}),
    ...(payment.attemptNo > 0 ? { attemptNo: payment.attemptNo } : {}),
    ...present({
      policyLocator: payment.policyLocator,
      policyholderLocator: payment.policyholderLocator,
      invoiceLocator: payment.invoiceLocator,
      statementLocator: payment.statementLocator,
      paymentMethodId: payment.paymentMethodId,
      merchantId: payment.merchantId,
      locationId: payment.locationId,
      receivedDate: payment.receivedOn,
      effectiveDate: payment.effectiveOn,
      postedTimestamp: payment.postedAt?.toISOString() ?? null,
      reversedTimestamp: payment.reversedAt?.toISOString() ?? null,
    }),
  };
}

/** Without what is not there: the contract's optional fields are absent, never null. */
export function present<K extends string, V>(fields: Record<K, V | null>): { [P in K]?: V } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as { [P in K]?: V };
}
