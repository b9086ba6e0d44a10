import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { DisbursementFact } from '../domain/disbursement.ts';
import { present } from '../payments/payment-event.ts';
import type { Origin } from '../payments/payment-event.ts';

/** The one place where a fact about a disbursement becomes an event of the contract. */
export function disbursementEvent({ type, disbursement }: DisbursementFact, origin: Origin = {}): NewEvent {
  const { tenantId, id, version, updatedAt, currency, failureCode } = disbursement;
  const data: EventData<'disbursement.executed'> = {
    disbursementId: id,
    payeeType: disbursement.payeeType,
    amount: toWire({ minor: disbursement.amountMinor, currency }),
    method: disbursement.method,
    source: { type: disbursement.sourceType, ...present({ id: disbursement.sourceId }) },
    state: disbursement.state,
    createdTimestamp: disbursement.createdAt.toISOString(),
    ...(failureCode === null ? {} : { failure: { code: failureCode } }),
    ...present({
      requestId: disbursement.requestId,
      refundId: disbursement.refundId,
      paymentLocator: disbursement.paymentId,
      payeeLocator: disbursement.payeeLocator,
      policyLocator: disbursement.policyLocator,
      reference: disbursement.reference,
      effectiveDate: disbursement.effectiveOn,
    }),
  };
  return { type: `disbursement.${type}`, tenantId, subject: id, sequence: version, data, time: updatedAt, ...origin };
}
