import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { RefundFact } from '../domain/refund.ts';
import { refundable } from '../domain/refundable.ts';
import { present } from '../payments/payment-event.ts';

/** The one place where a fact about a refund becomes an event of the contract. */
export function refundEvent({ type, refund, payment }: RefundFact, time: Date): NewEvent {
  const { tenantId, id, version, currency, failure, finishedAt } = refund;
  const data: EventData<'refund.succeeded'> = {
    refundId: id,
    paymentLocator: payment.id,
    amount: toWire({ minor: refund.amountMinor, currency }),
    state: refund.state,
    destination: refund.destination,
    reason: refund.reason,
    remainingRefundable: toWire({ minor: refundable(payment), currency }),
    createdTimestamp: refund.createdAt.toISOString(),
    ...(failure ? { failure } : {}),
    ...present({
      policyLocator: payment.policyLocator,
      policyholderLocator: payment.policyholderLocator,
      invoiceLocator: payment.invoiceLocator,
      linkId: payment.linkId,
      providerRef: refund.providerRef,
      disbursementId: refund.disbursementId,
      effectiveDate: refund.effectiveOn,
      finishedTimestamp: finishedAt?.toISOString() ?? null,
    }),
  };
  return { type: `refund.${type}`, tenantId, subject: id, sequence: version, data, time };
}
