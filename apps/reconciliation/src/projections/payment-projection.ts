import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import { achIdentification } from '../domain/ach-return.ts';
import { settleBy } from '../domain/business-days.ts';
import type { NewItem } from '../domain/item.ts';
import { ACH } from '../returns/ach-items.ts';
import { PROCESSOR } from '../settlement/settlement-items.ts';

export type PaymentNews = QuittanceEvent<'payment.posted' | 'payment.returned' | 'payment.reversed'>;

/** A payment as its last event said. */
export interface PaymentProjection {
  readonly tenantId: string;
  readonly locator: string;
  readonly sequence: number;
  readonly displayId: string;
  readonly state: 'posted' | 'returned' | 'reversed';
  readonly amount: bigint;
  readonly currency: string;
  readonly method: string | null;
  readonly providerRef: string | null;
  /** Where the provider names an ACH debit by the trace number of its entry. */
  readonly achTrace: string | null;
  /** Our own number on its ACH entry. */
  readonly achIdentification: string | null;
  readonly paymentMethodId: string | null;
  readonly policyLocator: string | null;
  readonly merchantId: string | null;
  readonly locationId: string | null;
  readonly effectiveOn: string;
  readonly postedAt: string;
  readonly settleBy: string | null;
}

/** A name that somebody outside has for money of a payment: of its charge, a refund, a dispute. */
export interface PaymentReference {
  readonly tenantId: string;
  readonly reference: string;
  readonly paymentLocator: string;
}

const TRACE = /^\d{15}$/;
const states = { 'payment.posted': 'posted', 'payment.returned': 'returned', 'payment.reversed': 'reversed' } as const;

export function projectionOf({ type, tenantid, sequence, time, data }: PaymentNews): PaymentProjection {
  const { minor, currency } = fromWire(data.amount);
  const effectiveOn = data.effectiveDate ?? time.slice(0, 10);
  const providerRef = data.providerRef ?? null;
  return {
    ...{ tenantId: tenantid, locator: data.locator, sequence: Number(sequence), displayId: data.displayId },
    ...{ state: states[type], amount: minor, currency, method: data.method, providerRef },
    achTrace: data.method === 'ach' && providerRef !== null && TRACE.test(providerRef) ? providerRef : null,
    achIdentification: data.method === 'ach' ? achIdentification(data.displayId) : null,
    paymentMethodId: data.paymentMethodId ?? null,
    policyLocator: data.policyLocator ?? null,
    merchantId: data.merchantId ?? null,
    locationId: data.locationId ?? null,
    ...{ effectiveOn, postedAt: data.postedTimestamp ?? time, settleBy: settleBy(data.method, effectiveOn) },
  };
}

/** S1 and S6, side B: what a report's line and a return are to be found at. */
export function itemsOfPayment(payment: PaymentProjection): NewItem[] {
  const { tenantId, locator, amount, currency, effectiveOn, providerRef, achTrace } = payment;
  if (amount === 0n) return [];
  const about = { tenantId, side: 'B' as const, source: { type: 'payment', id: locator }, currency, amount };
  const dated = { ...about, datedOn: effectiveOn };
  return [
    ...(providerRef === null
      ? []
      : [{ ...dated, set: 'settlement_item_payment' as const, account: PROCESSOR, reference: providerRef }]),
    ...(achTrace === null ? [] : [{ ...dated, set: 'return_payment' as const, account: ACH, reference: achTrace }]),
  ];
}

export function itemOfRefund({ tenantid, data, time }: QuittanceEvent<'refund.succeeded'>): NewItem[] {
  const { minor, currency } = fromWire(data.amount);
  if (data.providerRef === undefined || minor === 0n) return [];
  return [
    {
      ...{
        tenantId: tenantid,
        set: 'settlement_item_payment',
        side: 'B',
        source: { type: 'refund', id: data.refundId },
      },
      ...{ account: PROCESSOR, currency, amount: -minor, datedOn: data.effectiveDate ?? time.slice(0, 10) },
      reference: data.providerRef,
    },
  ];
}
