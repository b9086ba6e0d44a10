import { EntitySchema } from 'typeorm';
import { instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { RaisedFlag } from '../domain/flag.ts';

export const FlagEntity = new EntitySchema<RaisedFlag>({
  name: 'payment_flag',
  tableName: 'payment_flags',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    paymentId: uuid('payment_id'),
    reason: { type: 'text' },
    amountMinor: money('amount_minor', { nullable: true }),
    currency: { type: 'char', length: 3, nullable: true },
    detail: { type: 'text', nullable: true },
    openedAt: instant('opened_at'),
    resolvedAt: instant('resolved_at', { nullable: true }),
    resolution: { type: 'text', nullable: true },
    resolvedBy: { type: 'text', name: 'resolved_by', nullable: true },
  },
});
