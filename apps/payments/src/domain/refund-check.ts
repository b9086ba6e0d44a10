import { allowedDisbursementActions, createDisbursement } from './disbursement.ts';
import type { Disbursement, DisbursementDecision, DisbursementEvent } from './disbursement.ts';
import { DomainError } from './errors.ts';
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

const leadsToMoney: ReadonlySet<DisbursementEvent> = new Set(['approve', 'execute']);

/** A payment that was taken back is not paid out too, as long as nobody has printed the cheque. */
export function assertStillOwed({ payment }: RefundCase, { state }: Disbursement, event: DisbursementEvent): void {
  if (payment.state === 'posted' || !leadsToMoney.has(event)) return;
  const allowedActions = allowedDisbursementActions(state).filter((action) => !leadsToMoney.has(action));
  const detail = 'The payment that this would give back has been taken back: reject or discard it.';
  throw new DomainError('invalid_transition', detail, { allowedActions });
}
