import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Credit } from '../domain/credit.ts';
import type { TenantKey } from '../domain/identity.ts';

const COLUMNS = `
  r.tenant_id AS "tenantId", r.locator AS id, r.kind, r.credit_source AS source,
  r.policy_locator AS "policyLocator", r.currency, r.amount_minor AS "amountMinor",
  r.transaction_id AS "transactionId", r.memo_id AS "memoId", r.effective_date AS "effectiveDate"`;

const FIND = `
  SELECT ${COLUMNS} FROM received_payments r
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator) USING (tenant_id, locator)
   WHERE r.kind <> 'payment'`;

const OF_TRANSACTION = `
  SELECT ${COLUMNS} FROM received_payments r
   WHERE r.tenant_id = $1 AND r.policy_locator = $2 AND r.transaction_id = $3 AND r.state = 'posted'`;

/** What is known of credits beside their money, which is in `received_payments` as a payment's is. */
@Injectable()
export class CreditRepository {
  async find(tx: Tx, keys: readonly TenantKey[]): Promise<Credit[]> {
    if (keys.length === 0) return [];
    const rows = await tx.query<Row>(FIND, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
    return rows.map(creditOf);
  }

  /** What a transaction gave, and was not taken back. */
  async ofTransaction(tx: Tx, { tenantId, policyLocator, id }: TransactionKey): Promise<Credit[]> {
    return (await tx.query<Row>(OF_TRANSACTION, [tenantId, policyLocator, id])).map(creditOf);
  }
}

type Row = Omit<Credit, 'amountMinor'> & { amountMinor: string };
type TransactionKey = TenantKey & { readonly policyLocator: string };

function creditOf(row: Row): Credit {
  return { ...row, amountMinor: BigInt(row.amountMinor) };
}
