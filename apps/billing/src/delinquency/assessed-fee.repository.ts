import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { AssessedFee } from './fee-rule.entity.ts';

const INSERT = `
  INSERT INTO assessed_fees (tenant_id, type, cause_id, policy_locator, assessed_on, fee_id)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::date[], $6::uuid[])
  ON CONFLICT DO NOTHING
  RETURNING fee_id AS "feeId"`;

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

const LATE_FEES = `
  SELECT f.tenant_id AS "tenantId", f.cause_id AS "debtId", v.id AS "invoiceId", f.assessed_on AS "assessedOn"
    FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS w (tenant_id, policy_locator)) wanted
    JOIN assessed_fees f USING (tenant_id, policy_locator)
    JOIN invoices v ON v.tenant_id = f.tenant_id AND v.policy_locator = f.policy_locator AND v.type = 'fee'
    JOIN invoice_items i ON i.tenant_id = v.tenant_id AND i.invoice_id = v.id AND i.charge_id = f.fee_id
   WHERE f.type = 'late_fee'`;

export interface AssessedLateFee {
  readonly tenantId: string;
  /** The invoice that was late. */
  readonly debtId: string;
  /** That of the fee. */
  readonly invoiceId: string;
  readonly assessedOn: CalendarDate;
}

/** Whose debts a payment had paid. */
export interface PaidPolicy extends PolicyKey {
  readonly paymentLocator: string;
  readonly termNumber: number;
}

@Injectable()
export class AssessedFeeRepository {
  /** @returns the ids of those whose debt or payment had none of the kind before */
  async insert(tx: Tx, fees: readonly (AssessedFee & { readonly feeId: string })[]): Promise<ReadonlySet<string>> {
    if (fees.length === 0) return new Set();
    const rows = await tx.query<{ feeId: string }>(INSERT, [
      fees.map(({ tenantId }) => tenantId),
      fees.map(({ type }) => type),
      fees.map(({ causeId }) => causeId),
      fees.map(({ policyLocator }) => policyLocator),
      fees.map(({ assessedOn }) => assessedOn),
      fees.map(({ feeId }) => feeId),
    ]);
    return new Set(rows.map(({ feeId }) => feeId));
  }

  lateFees(tx: Tx, policies: readonly PolicyKey[]): Promise<AssessedLateFee[]> {
    const keys = [policies.map(({ tenantId }) => tenantId), policies.map(({ locator }) => locator)];
    return tx.query<AssessedLateFee>(LATE_FEES, keys);
  }

  policiesOf(tx: Tx, payments: readonly TenantKey[]): Promise<PaidPolicy[]> {
    return tx.query<PaidPolicy>(POLICIES_OF, [payments.map(({ tenantId }) => tenantId), payments.map(({ id }) => id)]);
  }
}
