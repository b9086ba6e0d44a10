import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { Hold } from '../domain/hold.ts';

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });

/** With how far its invoicing has come, which only `catch-up/` reads. */
export type StoredHold = Hold & { readonly invoicingStep: 'waiting' | 'placed' | 'caught_up' };

export const HoldEntity = new EntitySchema<StoredHold>({
  name: 'Hold',
  tableName: 'holds',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    source: text('source'),
    policyLocator: uuid('policy_locator', { nullable: true }),
    jurisdiction: text('jurisdiction', true),
    line: text('line', true),
    producerId: text('producer_id', true),
    targets: { ...text('targets'), array: true },
    startsOn: date('starts_on'),
    endsOn: date('ends_on', { nullable: true }),
    reason: text('reason'),
    state: text('state'),
    version: { type: 'integer', name: 'version' },
    createdAt: instant('created_at'),
    invoicingStep: { ...text('invoicing_step'), default: 'waiting' },
  },
});
