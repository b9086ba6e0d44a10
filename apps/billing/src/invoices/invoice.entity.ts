import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Invoice, InvoiceItem } from '../domain/invoice.ts';

/** An invoice without its items, as its table has it. */
export interface StoredInvoice extends Omit<Invoice, 'items'> {
  readonly writtenOffMinor: bigint;
  readonly createdAt: Date;
  /** What is done about it since it is past due. */
  readonly delinquencyId: string | null;
  /** The due date that was judged past due, or as good as paid, last. */
  readonly pastDueOn: CalendarDate | null;
}

export const InvoiceEntity = new EntitySchema<StoredInvoice>({
  name: 'Invoice',
  tableName: 'invoices',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    number: money('number'),
    type: { type: 'text', name: 'type' },
    policyLocator: uuid('policy_locator', { nullable: true }),
    subscriptionId: uuid('subscription_id', { nullable: true }),
    instalmentId: uuid('instalment_id', { nullable: true }),
    state: { type: 'text', name: 'state' },
    currency: { type: 'char', length: 3, name: 'currency' },
    issuedOn: date('issued_on'),
    dueOn: date('due_on'),
    originalDueOn: date('original_due_on'),
    totalMinor: money('total_minor'),
    allocatedMinor: money('allocated_minor'),
    writtenOffMinor: money('written_off_minor'),
    balanceMinor: money('balance_minor'),
    version: { type: 'integer', name: 'version' },
    createdAt: instant('created_at', { default: () => 'now()' }),
    delinquencyId: uuid('delinquency_id', { nullable: true }),
    pastDueOn: date('past_due_on', { nullable: true }),
  },
});

export type StoredItem = InvoiceItem & { readonly tenantId: string; readonly invoiceId: string };

export const InvoiceItemEntity = new EntitySchema<StoredItem>({
  name: 'InvoiceItem',
  tableName: 'invoice_items',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    invoiceId: uuid('invoice_id', { primary: true }),
    itemNo: { type: 'integer', name: 'item_no', primary: true },
    chargeId: uuid('charge_id', { nullable: true }),
    category: { type: 'text', name: 'category' },
    code: { type: 'text', name: 'code', nullable: true },
    amountMinor: money('amount_minor'),
    allocatedMinor: money('allocated_minor'),
    writtenOffMinor: money('written_off_minor', { default: 0 }),
  },
});
