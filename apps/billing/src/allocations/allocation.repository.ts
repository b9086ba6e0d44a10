import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { AllocationRow } from './allocation.entity.ts';

const INSERT = `
  INSERT INTO allocations (tenant_id, id, batch_id, kind, reverses_batch_id, payment_locator, invoice_id, item_no,
    amount_minor, currency, effective_date)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::int[],
    $9::bigint[], $10::text[], $11::date[])`;

// What is still applied: a batch that was reversed is so as a whole.
const APPLIED = `
  SELECT a.tenant_id AS "tenantId", a.id, a.batch_id AS "batchId", a.kind, a.reverses_batch_id AS "reversesBatchId",
         a.payment_locator AS "paymentLocator", a.invoice_id AS "invoiceId", a.item_no AS "itemNo",
         a.amount_minor AS "amountMinor", a.currency, a.effective_date AS "effectiveDate"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator)
    JOIN allocations a ON a.tenant_id = wanted.tenant_id AND a.payment_locator = wanted.locator AND a.kind = 'apply'
   WHERE NOT EXISTS (SELECT FROM allocations u WHERE u.tenant_id = a.tenant_id AND u.reverses_batch_id = a.batch_id)
   ORDER BY a.id`;

const PAYMENT = `
  SELECT a.tenant_id AS "tenantId", a.payment_locator AS id FROM allocations a
   WHERE a.tenant_id = $1 AND a.batch_id = $2 AND a.kind = 'apply' LIMIT 1`;

@Injectable()
export class AllocationRepository {
  async insert(tx: Tx, rows: readonly AllocationRow[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.execute(INSERT, [
      rows.map(({ tenantId }) => tenantId),
      rows.map(({ id }) => id),
      rows.map(({ batchId }) => batchId),
      rows.map(({ kind }) => kind),
      rows.map(({ reversesBatchId }) => reversesBatchId),
      rows.map(({ paymentLocator }) => paymentLocator),
      rows.map(({ invoiceId }) => invoiceId),
      rows.map(({ itemNo }) => itemNo),
      rows.map(({ amountMinor }) => amountMinor),
      rows.map(({ currency }) => currency),
      rows.map(({ effectiveDate }) => effectiveDate),
    ]);
  }

  /** What these payments still pay. */
  async applied(tx: Tx, payments: readonly TenantKey[]): Promise<AllocationRow[]> {
    type Row = Omit<AllocationRow, 'amountMinor'> & { amountMinor: string };
    const rows = await tx.query<Row>(APPLIED, [payments.map(({ tenantId }) => tenantId), payments.map(({ id }) => id)]);
    return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
  }

  /** Whose money an application was. */
  async paymentOf(tx: Tx, { tenantId, id: batchId }: TenantKey): Promise<TenantKey | null> {
    const [payment] = await tx.query<TenantKey>(PAYMENT, [tenantId, batchId]);
    return payment ?? null;
  }
}
