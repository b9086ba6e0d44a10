import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Receipt } from '../domain/receipt.ts';

export const ReceiptEntity = new EntitySchema<Receipt>({
  name: 'receipt',
  tableName: 'receipts',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    number: { type: 'text' },
    paymentId: uuid('payment_id'),
    policyLocator: { type: 'text', name: 'policy_locator', nullable: true },
    policyholderLocator: { type: 'text', name: 'policyholder_locator', nullable: true },
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3 },
    paidOn: date('paid_on'),
    issuedAt: instant('issued_at'),
  },
});
