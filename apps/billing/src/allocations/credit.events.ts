import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Credit } from '../domain/credit.ts';
import type { ReceivedPayment } from './allocation.entity.ts';
import type { Receipt } from './receipts.service.ts';
import type { Occasion } from './occasion.ts';

/**
 * applied   it paid something
 * refunded  it was set aside to be paid out
 * restored  it pays nothing again: it was not paid out after all, or what it had paid was taken off it
 * reversed  it was taken back, for what it was granted for did not take place
 */
export type CreditChange = 'credit.applied' | 'credit.refunded' | 'credit.restored' | 'credit.reversed';

/** Nothing for a payment: that is told by who received it. */
export function creditCreated({ credit, occasion }: Receipt, unappliedMinor: bigint): NewEvent[] {
  if (!credit) return [];
  return [eventOf('credit.created', { credit, balanceMinor: unappliedMinor, version: 1 }, occasion)];
}

/** A credit after something became of it; its version is one more already. */
export function creditChanged(
  type: CreditChange,
  received: ReceivedPayment,
  credit: Credit,
  occasion: Occasion,
): NewEvent {
  return eventOf(type, { credit, balanceMinor: received.unappliedMinor, version: received.version }, occasion);
}

interface CreditState {
  readonly credit: Credit;
  /** What of it pays nothing yet. */
  readonly balanceMinor: bigint;
  readonly version: number;
}

function eventOf(
  type: 'credit.created' | CreditChange,
  { credit, balanceMinor, version }: CreditState,
  occasion: Occasion,
): NewEvent {
  const { tenantId, id, kind, source, policyLocator, currency, transactionId, memoId, effectiveDate } = credit;
  return {
    type,
    tenantId,
    subject: id,
    sequence: version,
    data: {
      creditId: id,
      kind,
      source,
      policyLocator,
      amount: toWire({ minor: credit.amountMinor, currency }),
      balance: toWire({ minor: balanceMinor, currency }),
      ...(transactionId === null ? {} : { transactionId }),
      ...(memoId === null ? {} : { invoiceLocator: memoId }),
      effectiveDate,
    },
    ...occasion,
  };
}
