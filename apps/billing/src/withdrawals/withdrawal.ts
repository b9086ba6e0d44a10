import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Money } from '@quittance/money/money';
import { fromWire } from '@quittance/money/wire';
import type { Occasion } from '../allocations/occasion.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { TenantKey } from '../domain/identity.ts';

/** A refund leaves the payment standing; after a return or a reversal it pays nothing any more. */
export type WithdrawalKind = 'refund' | 'return' | 'reversal';

/** Money that left a payment, as payments tells it. */
export interface Withdrawal {
  readonly tenantId: string;
  readonly paymentLocator: string;
  readonly kind: WithdrawalKind;
  /** Set for a refund, which counts once by it: its own id, or that of its cheque. */
  readonly refundId: string | null;
  readonly amount: Money;
  /** The business date; null where it is the day on which we hear of it. */
  readonly effectiveDate: CalendarDate | null;
  readonly policyLocator: string | null;
  readonly policyholderLocator: string | null;
  readonly occasion: Occasion;
}

export type TakenBack = QuittanceEvent<'payment.reversed'> | QuittanceEvent<'payment.returned'>;

/** A lost dispute takes what was disputed, which may be less than the payment; every other undoing takes all of it. */
export function takenBack(event: TakenBack, time: Date): Withdrawal {
  const { tenantid: tenantId, data } = event;
  const isReturn = event.type === 'payment.returned';
  const isDispute = isReturn && data.return?.code === 'chargeback';
  const amount = (isDispute ? data.amountDisputed : undefined) ?? data.amount;
  return {
    tenantId,
    paymentLocator: data.locator,
    kind: isReturn ? 'return' : 'reversal',
    refundId: null,
    amount: fromWire(amount),
    effectiveDate: (isReturn ? data.return?.returnedDate : data.reversal?.executedDate) ?? null,
    ...ownersIn(data),
    occasion: { time, cause: event },
  };
}

export function refunded(event: QuittanceEvent<'refund.succeeded'>, time: Date): Withdrawal {
  const { tenantid: tenantId, data } = event;
  const { paymentLocator, refundId, amount, effectiveDate = null } = data;
  const about = { tenantId, paymentLocator, kind: 'refund', refundId, effectiveDate } as const;
  return { ...about, amount: fromWire(amount), ...ownersIn(data), occasion: { time, cause: event } };
}

export type Disbursed = QuittanceEvent<'disbursement.executed' | 'disbursement.failed' | 'disbursement.voided'>;

/** A refund by cheque: the disbursement is the fact, and what names it, for another cheque may follow a stopped one. */
export function refundedByCheck(event: Disbursed, time: Date): Withdrawal[] {
  const { disbursementId: refundId, refundId: of, paymentLocator, amount, effectiveDate = null } = event.data;
  if (event.type !== 'disbursement.executed' || of === undefined || paymentLocator === undefined) return [];
  const about = { tenantId: event.tenantid, paymentLocator, kind: 'refund', refundId, effectiveDate } as const;
  return [{ ...about, amount: fromWire(amount), ...ownersIn(event.data), occasion: { time, cause: event } }];
}

export function paymentKeyOf({ tenantId, paymentLocator: id }: Withdrawal): TenantKey {
  return { tenantId, id };
}

function ownersIn(data: { policyLocator?: string | undefined; policyholderLocator?: string | undefined }) {
  return { policyLocator: data.policyLocator ?? null, policyholderLocator: data.policyholderLocator ?? null };
}
