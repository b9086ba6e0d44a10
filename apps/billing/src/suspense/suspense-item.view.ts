import type { SuspenseItem } from '../allocations/allocation.entity.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { PaymentReferences } from '../domain/receipt.ts';

export const suspenseStates = ['open', 'applied', 'returned'] as const;
export type SuspenseState = (typeof suspenseStates)[number];

export interface SuspenseView extends SuspenseItem {
  readonly version: number;
  readonly state: SuspenseState;
  readonly openedAt: Date;
  /** When it was called old. */
  readonly agedOn: CalendarDate | null;
  /** The business date of its payment. */
  readonly receivedOn: CalendarDate;
}

export interface SuspensePage {
  readonly state: SuspenseState | null;
  readonly paymentLocator: string | null;
  readonly before: string | null;
  readonly limit: number;
}

/** Whose it turned out to be. */
export type FoundOwner = Pick<PaymentReferences, 'invoiceLocator' | 'policyLocator' | 'policyholderLocator'>;
