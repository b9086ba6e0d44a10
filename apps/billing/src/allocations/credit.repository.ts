import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Credit } from '../domain/credit.ts';
import type { TenantKey } from '../domain/identity.ts';

const FIND = `
  SELECT r.tenant_id AS "tenantId", r.locator AS id, r.kind, r.credit_source AS source,
         r.policy_locator AS "policyLocator", r.currency, r.amount_minor AS "amountMinor",
         r.transaction_id AS "transactionId", r.memo_id AS "memoId", r.effective_date AS "effectiveDate"
    FROM received_payments r
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator) USING (tenant_id, locator)
   WHERE r.kind <> 'payment'`;

/** What is known of credits beside their money, which is in `received_payments` as a payment's is. */
@Injectable()
export class CreditRepository {
  async find(tx: Tx, keys: readonly TenantKey[]): Promise<Credit[]> {
    if (keys.length === 0) return [];
    const rows = await tx.query<Omit<Credit, 'amountMinor'> & { amountMinor: string }>(FIND, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ id }) => id),
    ]);
    return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
  }
}
