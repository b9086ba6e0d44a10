import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { planOf } from '../domain/payment-link.ts';
import type { LinkFact, PaymentLink } from '../domain/payment-link.ts';
import { present } from '../payments/payment-event.ts';
import type { Origin } from '../payments/payment-event.ts';

/** Neither the address nor the customer: who may know them reads the link over the API. */
export function linkEvent({ type, link }: LinkFact, origin: Origin = {}): NewEvent {
  const { tenantId, id, version, updatedAt } = link;
  const said = { type: `payment_link.${type}`, tenantId, subject: id, sequence: version } as const;
  return { ...said, data: snapshot(link), time: updatedAt, ...origin };
}

function snapshot(link: PaymentLink): EventData<'payment_link.created'> {
  const { currency, amountRefundedMinor } = link;
  const plan = planOf(link);
  return {
    linkId: link.id,
    status: link.status,
    paymentType: link.paymentType,
    amount: toWire({ minor: link.amountMinor, currency }),
    ...{ policyId: link.policyId, carrierId: link.carrierId, employerId: link.employerId },
    expiresTimestamp: link.expiresAt.toISOString(),
    createdTimestamp: link.createdAt.toISOString(),
    ...present({
      invoiceLocator: link.invoiceLocator,
      paymentLocator: keptPayment(link),
      subscriptionId: link.subscriptionId,
      paymentMethodId: link.paymentMethodId,
      completedTimestamp: link.completedAt?.toISOString() ?? null,
    }),
    ...(amountRefundedMinor > 0n ? { amountRefunded: toWire({ minor: amountRefundedMinor, currency }) } : {}),
    ...(plan
      ? {
          installmentPlan: {
            ...{ count: plan.count, interval: plan.interval },
            perInstallment: toWire({ minor: plan.perInstallmentMinor, currency }),
          },
        }
      : {}),
  };
}

/** The payment that is under way or kept; one that failed is not the link's. */
export function keptPayment({ status, paymentId }: PaymentLink): string | null {
  return status === 'active' || status === 'expired' || status === 'cancelled' ? null : paymentId;
}
