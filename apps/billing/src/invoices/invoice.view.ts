import type { Invoice, InvoiceItem } from '../domain/invoice.ts';

export interface InvoiceView {
  readonly invoice: Omit<Invoice, 'items'> & { readonly createdAt: Date };
  readonly items: readonly InvoiceItem[];
  /** What of it was paid by payments that are disputed now. */
  readonly disputedMinor: bigint;
  readonly policyholderLocator: string | null;
  readonly timeZone: string;
  /** The tenant's now, by which past due is measured. */
  readonly now: Date;
}
