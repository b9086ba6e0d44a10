import type { FoundReturn } from '../returns/return-item.ts';
import type { BatchView, LineView } from '../settlement/batch-view.ts';

/** Where the money of a payment was last seen. */
export type TrailState = 'returned' | 'reversed' | 'in_bank' | 'paid_out' | 'reported' | 'posted';

export interface TrailPayment {
  readonly locator: string;
  readonly displayId: string;
  readonly state: 'posted' | 'returned' | 'reversed';
  readonly amount: bigint;
  readonly currency: string;
  readonly method: string | null;
  readonly reference: string | null;
  readonly effectiveOn: string;
  readonly postedAt: Date;
  readonly settleBy: string | null;
  readonly merchantId: string | null;
  readonly locationId: string | null;
}

/** A line of a bank that a payout was matched with. */
export interface TrailDeposit {
  readonly batchId: string;
  readonly id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly bookedOn: string;
  readonly statement: { readonly id: string; readonly state: string };
  readonly match: { readonly id: string; readonly rule: string };
}

export interface TrailException {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly subject: { readonly type: string; readonly id: string };
}

export interface Trail {
  readonly payment: TrailPayment;
  readonly lines: readonly (LineView & { readonly batch: BatchView | null })[];
  readonly deposits: readonly TrailDeposit[];
  readonly returns: readonly FoundReturn[];
  readonly exceptions: readonly TrailException[];
}

/** The farthest that a charge has come; what was undone is where it ended. */
export function trailState({ payment, lines }: Pick<Trail, 'payment' | 'lines'>): TrailState {
  if (payment.state !== 'posted') return payment.state;
  const charges = lines.filter(({ category }) => category === 'charge');
  if (charges.some(({ batch }) => batch?.isInBank)) return 'in_bank';
  if (charges.some(({ batch }) => batch?.state === 'balanced')) return 'paid_out';
  return charges.length > 0 ? 'reported' : 'posted';
}
