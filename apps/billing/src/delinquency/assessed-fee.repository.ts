import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { AssessedFee } from './fee-rule.entity.ts';

const INSERT = `
  INSERT INTO assessed_fees (tenant_id, type, cause_id, policy_locator, assessed_on)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::date[])
  ON CONFLICT DO NOTHING
  RETURNING tenant_id AS "tenantId", type, cause_id AS "causeId"`;

// Whose debts it paid last: taking it back has locked that policy.
const POLICIES_OF = `
  SELECT DISTINCT ON (a.tenant_id, a.payment_locator) a.tenant_id AS "tenantId", a.payment_locator AS "paymentLocator",
         v.policy_locator AS locator, coalesce(c.term_number, 1) AS "termNumber"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, payment_locator)
    JOIN allocations a ON a.tenant_id = wanted.tenant_id AND a.payment_locator = wanted.payment_locator
    JOIN invoices v ON v.tenant_id = a.tenant_id AND v.id = a.invoice_id AND v.policy_locator IS NOT NULL
    JOIN invoice_items i ON i.tenant_id = v.tenant_id AND i.invoice_id = v.id AND i.item_no = a.item_no
    LEFT JOIN charges c ON c.tenant_id = i.tenant_id AND c.id = i.charge_id
   ORDER BY a.tenant_id, a.payment_locator, a.recorded_at DESC, v.due_on`;

/** Whose debts a payment had paid. */
export interface PaidPolicy extends PolicyKey {
  readonly paymentLocator: string;
  readonly termNumber: number;
}

@Injectable()
export class AssessedFeeRepository {
  /** @returns `tenant/type/cause` of those that were not assessed before */
  async insert(tx: Tx, fees: readonly AssessedFee[]): Promise<ReadonlySet<string>> {
    if (fees.length === 0) return new Set();
    const rows = await tx.query<Pick<AssessedFee, 'tenantId' | 'type' | 'causeId'>>(INSERT, [
      fees.map(({ tenantId }) => tenantId),
      fees.map(({ type }) => type),
      fees.map(({ causeId }) => causeId),
      fees.map(({ policyLocator }) => policyLocator),
      fees.map(({ assessedOn }) => assessedOn),
    ]);
    return new Set(rows.map(({ tenantId, type, causeId }) => `${tenantId}/${type}/${causeId}`));
  }

  policiesOf(tx: Tx, payments: readonly TenantKey[]): Promise<PaidPolicy[]> {
    return tx.query<PaidPolicy>(POLICIES_OF, [payments.map(({ tenantId }) => tenantId), payments.map(({ id }) => id)]);
  }
}
