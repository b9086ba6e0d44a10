import type { AccountLine } from '../domain/deposit.ts';

/** A row of bank_lines, aliased `l`. */
export const COLUMNS = `l.tenant_id, l.id, l.account_id, l.statement_id, l.parent_id, l.amount_minor, l.currency,
  l.booked_on, l.value_on, l.end_to_end, l.creditor_reference, l.bank_reference, l.customer_reference, l.check_number,
  l.batch_reference, l.trn02, l.trn03, l.type_code, l.text, l.is_reversal, l.is_pending,
  EXISTS (SELECT 1 FROM bank_lines p WHERE p.tenant_id = l.tenant_id AND p.parent_id = l.id) AS has_parts`;

export interface LineRow {
  tenant_id: string;
  id: string;
  account_id: string;
  statement_id: string;
  parent_id: string | null;
  amount_minor: string;
  currency: string;
  booked_on: string;
  value_on: string | null;
  end_to_end: string | null;
  creditor_reference: string | null;
  bank_reference: string | null;
  customer_reference: string | null;
  check_number: string | null;
  batch_reference: string | null;
  trn02: string | null;
  trn03: string | null;
  type_code: string | null;
  text: string;
  is_reversal: boolean;
  is_pending: boolean;
  has_parts: boolean;
}

export function lineOf(row: LineRow): AccountLine {
  return {
    ...{ tenantId: row.tenant_id, id: row.id, accountId: row.account_id, statementId: row.statement_id },
    ...{ parentId: row.parent_id, hasParts: row.has_parts, amount: BigInt(row.amount_minor), currency: row.currency },
    ...{ bookedOn: row.booked_on, valueOn: row.value_on, trn02: row.trn02, trn03: row.trn03, text: row.text },
    ...{ typeCode: row.type_code, reversal: row.is_reversal, pending: row.is_pending },
    references: {
      ...{ endToEnd: row.end_to_end, creditor: row.creditor_reference, bank: row.bank_reference },
      ...{ customer: row.customer_reference, check: row.check_number, batch: row.batch_reference },
    },
  };
}
