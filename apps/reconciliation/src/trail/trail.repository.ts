import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { BATCH_COLUMNS, LINE_COLUMNS, batchOf, lineOf } from '../settlement/settlement-queries.repository.ts';
import type { BatchRow, LineRow } from '../settlement/settlement-queries.repository.ts';
import type { Trail, TrailDeposit, TrailException, TrailPayment } from './trail.ts';

const PAYMENT = `
  SELECT locator, display_id, state, amount_minor, currency, method, provider_ref, effective_on, posted_at, settle_by,
         merchant_id, location_id FROM payment_projections WHERE locator = $1`;
const LINES = `SELECT ${LINE_COLUMNS}, l.batch_id FROM settlement_items l WHERE l.payment_locator = $1 ORDER BY l.id`;
const BATCHES = `SELECT ${BATCH_COLUMNS} FROM settlement_batches b WHERE b.id = ANY($1::uuid[])`;
const EXCEPTIONS = `
  SELECT e.id, e.type, e.state, e.subject_type, e.subject_id FROM exceptions e
    JOIN unnest($1::text[], $2::text[]) s (type, id) ON e.subject_type = s.type AND e.subject_id = s.id
   ORDER BY e.id`;
const DEPOSITS = `
  SELECT a.source_id AS batch_id, l.id, l.amount_minor, l.currency, l.booked_on, s.id AS statement_id,
         s.state AS statement_state, m.id AS match_id, m.rule
    FROM items a
    JOIN matches m ON m.tenant_id = a.tenant_id AND m.id = a.match_id
    JOIN items b ON b.tenant_id = m.tenant_id AND b.id = ANY (m.b_items) AND b.source_type = 'bank_line'
    JOIN bank_lines l ON l.tenant_id = b.tenant_id AND l.id = b.source_id::uuid
    JOIN bank_statements s ON s.tenant_id = l.tenant_id AND s.id = l.statement_id
   WHERE a.set_name = 'settlement_batch_deposit' AND a.side = 'A' AND a.source_type = 'settlement_batch'
     AND a.source_id = ANY($1::text[]) ORDER BY l.booked_on, l.id`;

/** What is known of a payment's money, link by link; of the transaction's tenant. */
@Injectable()
export class TrailRepository {
  async payment(tx: Tx, locator: string): Promise<TrailPayment | null> {
    const [row] = await tx.query<PaymentRow>(PAYMENT, [locator]);
    return row ? paymentOf(row) : null;
  }

  async lines(tx: Tx, locator: string): Promise<Trail['lines']> {
    const lines = await tx.query<LineRow & { batch_id: string | null }>(LINES, [locator]);
    const ids = [...new Set(lines.flatMap(({ batch_id: id }) => id ?? []))];
    const batches = new Map((await tx.query<BatchRow>(BATCHES, [ids])).map((row) => [row.id, batchOf(row)]));
    return lines.map((row) => ({ ...lineOf(row), batch: batches.get(row.batch_id ?? '') ?? null }));
  }

  async deposits(tx: Tx, batchIds: readonly string[]): Promise<TrailDeposit[]> {
    if (batchIds.length === 0) return [];
    const rows = await tx.query<DepositRow>(DEPOSITS, [batchIds]);
    return rows.map((row) => ({
      ...{ batchId: row.batch_id, id: row.id, amount: BigInt(row.amount_minor), currency: row.currency },
      bookedOn: row.booked_on,
      statement: { id: row.statement_id, state: row.statement_state },
      match: { id: row.match_id, rule: row.rule },
    }));
  }

  async exceptions(tx: Tx, subjects: readonly { type: string; id: string }[]): Promise<TrailException[]> {
    const rows = await tx.query<ExceptionRow>(EXCEPTIONS, [
      subjects.map(({ type }) => type),
      subjects.map(({ id }) => id),
    ]);
    return rows.map(({ id, type, state, subject_type, subject_id }) => {
      return { id, type, state, subject: { type: subject_type, id: subject_id } };
    });
  }
}

interface PaymentRow {
  locator: string;
  display_id: string;
  state: TrailPayment['state'];
  amount_minor: string;
  currency: string;
  method: string | null;
  provider_ref: string | null;
  effective_on: string;
  posted_at: Date;
  settle_by: string | null;
  merchant_id: string | null;
  location_id: string | null;
}

interface DepositRow {
  batch_id: string;
  id: string;
  amount_minor: string;
  currency: string;
  booked_on: string;
  statement_id: string;
  statement_state: string;
  match_id: string;
  rule: string;
}

interface ExceptionRow {
  id: string;
  type: string;
  state: string;
  subject_type: string;
  subject_id: string;
}

function paymentOf(row: PaymentRow): TrailPayment {
  return {
    ...{ locator: row.locator, displayId: row.display_id, state: row.state, amount: BigInt(row.amount_minor) },
    ...{ currency: row.currency, method: row.method, reference: row.provider_ref, effectiveOn: row.effective_on },
    ...{ postedAt: row.posted_at, settleBy: row.settle_by, merchantId: row.merchant_id, locationId: row.location_id },
  };
}
