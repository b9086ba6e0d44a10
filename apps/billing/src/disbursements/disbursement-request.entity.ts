import { EntitySchema } from 'typeorm';
import { instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { DisbursementRequest } from '../domain/disbursement-request.ts';

/** The source is two columns for an owner's money, or one for an item of suspense. */
export interface DisbursementRequestRow extends Omit<DisbursementRequest, 'source'> {
  readonly ownerType: 'policy' | 'policyholder' | null;
  readonly ownerLocator: string | null;
  readonly suspenseId: string | null;
}

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });

export const DisbursementRequestEntity = new EntitySchema<DisbursementRequestRow>({
  name: 'DisbursementRequest',
  tableName: 'disbursement_requests',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    state: text('state'),
    ownerType: text('owner_type', true),
    ownerLocator: text('owner_locator', true),
    suspenseId: uuid('suspense_id', { nullable: true }),
    currency: { type: 'char', length: 3, name: 'currency' },
    amountMinor: money('amount_minor'),
    payeeType: text('payee_type'),
    payeeLocator: text('payee_locator', true),
    method: text('method', true),
    reason: text('reason', true),
    disbursementId: uuid('disbursement_id', { nullable: true }),
    version: { type: 'integer', name: 'version' },
    createdAt: instant('created_at'),
  },
});

export function requestOf({
  ownerType,
  ownerLocator,
  suspenseId,
  ...row
}: DisbursementRequestRow): DisbursementRequest {
  if (suspenseId !== null) return { ...row, source: { type: 'suspense', suspenseId } };
  return { ...row, source: { type: 'unapplied', ownerType: ownerType!, ownerLocator: ownerLocator! } };
}

/** What one payment gave for it. */
export interface DisbursementPart {
  readonly tenantId: string;
  readonly requestId: string;
  readonly paymentLocator: string;
  readonly amountMinor: bigint;
}
