import { createDisbursement } from './disbursement.ts';
import type { DisbursementDecision } from './disbursement.ts';
import { convertRefund } from './refund.ts';
import type { RefundCase, RefundDecision } from './refund.ts';

/** A refund decided, and the disbursement that it became, if it became one. */
export interface PaidDecision {
  readonly decision: RefundDecision;
  readonly payout?: DisbursementDecision;
}

/** Makes a refund a cheque to who paid. Whoever asks for it cannot be the one who approves it. */
export function payByCheck(
  at: RefundCase & { readonly facts?: RefundDecision['facts'] },
  given: { readonly disbursementId: string; readonly requestedBy: string; readonly now: Date },
): PaidDecision {
  const { disbursementId, requestedBy, now } = given;
  const { refund, payment } = at;
  const converted = convertRefund(at, disbursementId, now);
  const { tenantId, id: refundId, paymentId, amountMinor, currency, reason } = refund;
  const payout = createDisbursement({
    ...{ tenantId, id: disbursementId, refundId, paymentId, amountMinor, currency, reason, requestedBy },
    ...{ method: 'check', sourceType: 'refund', sourceId: refundId, createdAt: now },
    ...{ payeeType: 'insured', payeeLocator: payment.policyholderLocator, policyLocator: payment.policyLocator },
  });
  return { decision: { ...converted, facts: [...(at.facts ?? []), ...converted.facts] }, payout };
}
