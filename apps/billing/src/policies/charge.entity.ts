import { EntitySchema } from 'typeorm';
import { money, uuid } from '@quittance/service-kit/database/columns';
import type { Charge } from '../domain/charge.ts';

export interface StoredCharge extends Charge {
  readonly tenantId: string;
  readonly id: string;
  readonly policyLocator: string;
  readonly transactionId: string;
  readonly position: number;
  readonly currency: string;
}

export const ChargeEntity = new EntitySchema<StoredCharge>({
  name: 'Charge',
  tableName: 'charges',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    policyLocator: uuid('policy_locator'),
    transactionId: uuid('transaction_id'),
    position: { type: 'integer', name: 'position' },
    category: { type: 'text', name: 'category' },
    code: { type: 'text', name: 'code', nullable: true },
    amountMinor: money('amount_minor'),
    currency: { type: 'char', length: 3, name: 'currency' },
    handling: { type: 'text', name: 'handling' },
  },
});
