import { createPayment, recordExternal } from './payment.ts';
import type { Decision, Payment } from './payment.ts';

/** Money that a provider took although the payment it was asked for has ended, or is of another amount. */
export interface UninvitedMoney {
  readonly provider: string;
  readonly providerRef: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly effectiveOn: string;
}

/**
 * The original stays what it is. The money becomes a payment of its own, posted to suspense until a person decides;
 * whom and what the original was for goes along as clues.
 */
export function postToSuspense(
  original: Payment,
  { effectiveOn, ...money }: UninvitedMoney,
  identity: Pick<Payment, 'id' | 'displayId'>,
  now: Date,
): Decision {
  const { tenantId, method, channel, policyLocator, policyholderLocator, invoiceLocator, statementLocator } = original;
  const { paymentMethodId, merchantId, locationId, linkId } = original;
  const clues = { policyLocator, policyholderLocator, invoiceLocator, statementLocator };
  const how = { method, channel, paymentMethodId, merchantId, locationId, linkId };
  const received = { ...identity, ...money, ...how, ...clues, tenantId, toSuspense: true, retryOf: original.id, now };
  const created = createPayment(received, 'ready');
  const posted = recordExternal(created.next, effectiveOn, now);
  return { next: posted.next, facts: [...created.facts, ...posted.facts] };
}
