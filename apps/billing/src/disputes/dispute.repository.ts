import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export interface Dispute {
  readonly tenantId: string;
  readonly id: string;
  readonly paymentLocator: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly isOpen: boolean;
  /** The sequence of its last event. */
  readonly version: number;
}

const SAVE = `
  INSERT INTO payment_disputes AS d (tenant_id, id, payment_locator, currency, amount_minor, is_open, version)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::boolean[], $7::int[])
  ON CONFLICT (tenant_id, id) DO UPDATE
    SET amount_minor = excluded.amount_minor, is_open = excluded.is_open, version = excluded.version
  WHERE d.version < excluded.version`;

const DISPUTED = `
  SELECT a.invoice_id AS "invoiceId",
         sum(CASE a.kind WHEN 'apply' THEN a.amount_minor ELSE -a.amount_minor END) AS "amountMinor"
    FROM allocations a
   WHERE a.tenant_id = $1 AND a.invoice_id = ANY($2::uuid[])
     AND EXISTS (SELECT FROM payment_disputes d
                  WHERE d.tenant_id = a.tenant_id AND d.payment_locator = a.payment_locator AND d.is_open)
   GROUP BY a.invoice_id`;

@Injectable()
export class DisputeRepository {
  /** A projection of full state: an older one changes nothing. */
  async save(tx: Tx, disputes: readonly Dispute[]): Promise<void> {
    await tx.execute(SAVE, [
      disputes.map(({ tenantId }) => tenantId),
      disputes.map(({ id }) => id),
      disputes.map(({ paymentLocator }) => paymentLocator),
      disputes.map(({ currency }) => currency),
      disputes.map(({ amountMinor }) => amountMinor),
      disputes.map(({ isOpen }) => isOpen),
      disputes.map(({ version }) => version),
    ]);
  }

  /** What of these invoices was paid by payments that are disputed now. */
  async disputed(tx: Tx, tenantId: string, invoiceIds: readonly string[]): Promise<Map<string, bigint>> {
    if (invoiceIds.length === 0) return new Map();
    const rows = await tx.query<{ invoiceId: string; amountMinor: string }>(DISPUTED, [tenantId, invoiceIds]);
    return new Map(rows.map(({ invoiceId, amountMinor }) => [invoiceId, BigInt(amountMinor)]));
  }
}
