import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SharedInvoice } from '../domain/commission-rules.ts';

/** By the policy's lines, which have an index: a policy has few, and an invoice is of one policy. */
const FIND = `
  SELECT k.tenant_id, k.invoice,
         coalesce(-sum(l.amount_minor) FILTER (WHERE l.account = '2150' AND e.kind = 'invoice_issued'), 0)::text
           AS commission,
         coalesce(sum(l.amount_minor)
           FILTER (WHERE l.account = '1200' AND e.kind = 'invoice_issued'), 0)::text AS total,
         coalesce(-sum(l.amount_minor)
           FILTER (WHERE l.account = '1200' AND e.source_type = 'allocation'), 0)::text AS paid,
         coalesce(-sum(l.amount_minor) FILTER (WHERE l.account = '2150'), 0)::text AS deferred
    FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[], $3::text[]) u (tenant_id, policy, invoice)) k
    JOIN journal_lines l
      ON l.tenant_id = k.tenant_id AND l.policy_locator = k.policy AND l.invoice_locator = k.invoice
    JOIN journal_entries e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
   GROUP BY k.tenant_id, k.invoice`;

export interface InvoiceKey {
  readonly tenantId: string;
  readonly policyLocator: string;
  readonly invoiceLocator: string;
}

@Injectable()
export class SharedInvoiceRepository {
  /** Those that have a commission in them. */
  async find(tx: Tx, keys: readonly InvoiceKey[]): Promise<(SharedInvoice & Omit<InvoiceKey, 'policyLocator'>)[]> {
    if (keys.length === 0) return [];
    const rows = await tx.query<Row>(FIND, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ policyLocator }) => policyLocator),
      keys.map(({ invoiceLocator }) => invoiceLocator),
    ]);
    return rows
      .map((row) => ({
        ...{ tenantId: row.tenant_id, invoiceLocator: row.invoice },
        ...{ commissionMinor: BigInt(row.commission), totalMinor: BigInt(row.total) },
        ...{ paidMinor: BigInt(row.paid), deferredMinor: BigInt(row.deferred) },
      }))
      .filter(({ commissionMinor }) => commissionMinor !== 0n);
  }
}

interface Row {
  tenant_id: string;
  invoice: string;
  commission: string;
  total: string;
  paid: string;
  deferred: string;
}
