import type { FundOwner } from '../allocations/allocation.entity.ts';

export interface WantedInvoice {
  readonly invoiceId: string;
  /** How much of it, once its currency is known; absent: as much as there is. */
  readonly amountIn?: (currency: string, pointer: string) => bigint;
}

export interface NewApplication {
  readonly source: { readonly paymentLocator: string } | Omit<FundOwner, 'tenantId'>;
  readonly invoices: readonly WantedInvoice[];
}
