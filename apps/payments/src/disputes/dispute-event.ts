import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { DisputeFact } from '../domain/dispute.ts';
import type { Payment } from '../domain/payment.ts';
import { present } from '../payments/payment-event.ts';

/** A dispute as the contract has it, with what it is about. */
export function toDisputeEvent({ type, dispute }: DisputeFact, payment: Payment): NewEvent {
  const { tenantId, id, version, currency, feeMinor, doubleRecoveryMinor } = dispute;
  const wire = (minor: bigint) => (minor > 0n ? toWire({ minor, currency }) : null);
  const data: EventData<'dispute.opened'> = {
    disputeId: id,
    paymentLocator: payment.id,
    amount: toWire({ minor: dispute.amountMinor, currency }),
    stage: dispute.stage,
    state: dispute.state,
    reasonCode: dispute.reasonCode,
    providerRef: dispute.providerRef,
    createdTimestamp: dispute.createdAt.toISOString(),
    ...present({ fee: wire(feeMinor), doubleRecovery: wire(doubleRecoveryMinor) }),
    ...present({
      policyLocator: payment.policyLocator,
      invoiceLocator: payment.invoiceLocator,
      effectiveDate: dispute.effectiveOn,
      evidenceDueTimestamp: dispute.evidenceDueAt?.toISOString() ?? null,
      finishedTimestamp: dispute.finishedAt?.toISOString() ?? null,
    }),
  };
  return { type: `dispute.${type}`, tenantId, subject: id, sequence: version, data, time: dispute.updatedAt };
}
