import { toWire } from '@quittance/money/wire';
import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { PaymentFact } from '../domain/payment.ts';
import { issueReceipt } from '../domain/receipt.ts';
import type { Receipt } from '../domain/receipt.ts';
import { present } from '../payments/payment-event.ts';
import type { Origin } from '../payments/payment-event.ts';

export interface IssuedReceipt {
  readonly receipt: Receipt;
  readonly event: NewEvent;
}

/** One receipt for each payment that these facts post. A payment is posted once, and the database holds no second. */
export function receiptsOf(facts: readonly (PaymentFact & { readonly origin?: Origin })[]): IssuedReceipt[] {
  return facts
    .filter(({ type }) => type === 'posted')
    .map(({ payment, origin }) => {
      const receipt = issueReceipt(payment, newId());
      return { receipt, event: toEvent(receipt, origin) };
    });
}

function toEvent(receipt: Receipt, origin: Origin = {}): NewEvent {
  const { tenantId, id, number, paymentId, amountMinor, currency, paidOn, issuedAt } = receipt;
  const { policyLocator, policyholderLocator } = receipt;
  return {
    ...({ type: 'receipt.issued', tenantId, subject: id, sequence: 1, time: issuedAt } as const),
    data: {
      ...{ receiptId: id, number, paymentLocator: paymentId },
      ...present({ policyLocator, policyholderLocator }),
      ...{
        amount: toWire({ minor: amountMinor, currency }),
        paidDate: paidOn,
        issuedTimestamp: issuedAt.toISOString(),
      },
    },
    ...origin,
  };
}
