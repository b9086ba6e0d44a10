import type { EventData } from '@quittance/events/catalogue';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { MethodFact } from '../domain/payment-method-life.ts';
import { present } from '../payments/payment-event.ts';

/** A payment method as the contract has it: what a person recognises, never the token. */
export function toMethodEvent({ type, method, reason }: MethodFact): NewEvent {
  const { tenantId, id, version, brand, last4, state, policyholderLocator, expiresOn, isDefault, mandate } = method;
  const data: EventData<'payment_method.added'> = {
    ...{ paymentMethodId: id, type: method.type, state, policyholderLocator, isDefault },
    ...present({ brand, last4, expiresDate: expiresOn }),
    ...(mandate && {
      mandate: { scheme: mandate.scheme, state: mandate.state, signedTimestamp: mandate.signedAt },
    }),
    ...(reason !== undefined && { reason }),
  };
  return { type: `payment_method.${type}`, tenantId, subject: id, sequence: version, data, time: method.updatedAt };
}
