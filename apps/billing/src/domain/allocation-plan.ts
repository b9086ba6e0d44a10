/**
 * due_date      what is due first is paid first
 * oldest_issue  what was invoiced first is paid first
 * policy        one policy's debts after another's, the policy whose debt is due first before the others
 */
export const invoiceOrders = ['due_date', 'oldest_issue', 'policy'] as const;
export type InvoiceOrder = (typeof invoiceOrders)[number];

/** Which items of an invoice a part payment pays first; what is not named is paid in proportion after it. */
export const itemOrders = ['pro_rata', 'tax_first', 'fee_first', 'premium_first'] as const;
export type ItemOrder = (typeof itemOrders)[number];

/** In which order money pays debts: a tenant's own decision. */
export interface AllocationPlan {
  readonly invoices: InvoiceOrder;
  readonly items: ItemOrder;
}

export const defaultAllocationPlan: AllocationPlan = { invoices: 'due_date', items: 'pro_rata' };

/** The category that an order pays before all others. */
export const firstCategory: Readonly<Record<ItemOrder, string | null>> = {
  pro_rata: null,
  tax_first: 'tax',
  fee_first: 'fee',
  premium_first: 'premium',
};
