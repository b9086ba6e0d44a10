import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PaymentProjection, PaymentReference } from './payment-projection.ts';

// Full state: an older event changes nothing. What reconciliation itself has found out stays.
const UPSERT = `
  INSERT INTO payment_projections
    (tenant_id, locator, sequence, display_id, state, amount_minor, currency, method, provider_ref, ach_trace,
     ach_identification, payment_method_id, policy_locator, merchant_id, location_id, effective_on, posted_at,
     settle_by)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                       $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
                       $16::date[], $17::timestamptz[], $18::date[])
  ON CONFLICT (tenant_id, locator) DO UPDATE SET sequence = excluded.sequence, state = excluded.state
    WHERE payment_projections.sequence < excluded.sequence`;
const ADD_REFERENCES = `
  INSERT INTO payment_references (tenant_id, reference, payment_locator)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING`;
/** Lines of reports that came before their payment. */
const LINK_LINES = `
  WITH news AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) n (tenant_id, reference, locator)), found AS (
    SELECT i.tenant_id, i.id, n.locator FROM news n
      JOIN settlement_items i ON i.tenant_id = n.tenant_id AND i.reference = n.reference AND i.payment_locator IS NULL
    UNION ALL
    SELECT i.tenant_id, i.id, n.locator FROM news n
      JOIN settlement_items i
        ON i.tenant_id = n.tenant_id AND i.second_reference = n.reference AND i.payment_locator IS NULL)
  UPDATE settlement_items i SET payment_locator = f.locator FROM found f
   WHERE i.tenant_id = f.tenant_id AND i.id = f.id
  RETURNING i.tenant_id, i.id, i.batch_id`;

export interface LinkedLine {
  readonly tenantId: string;
  readonly id: string;
  readonly batchId: string | null;
}

@Injectable()
export class PaymentProjectionRepository {
  /** At most one of each payment. */
  async upsert(tx: Tx, payments: readonly PaymentProjection[]): Promise<void> {
    if (payments.length === 0) return;
    await tx.execute(UPSERT, [
      payments.map(({ tenantId }) => tenantId),
      payments.map(({ locator }) => locator),
      payments.map(({ sequence }) => sequence),
      payments.map(({ displayId }) => displayId),
      payments.map(({ state }) => state),
      payments.map(({ amount }) => amount.toString()),
      payments.map(({ currency }) => currency),
      payments.map(({ method }) => method),
      payments.map(({ providerRef }) => providerRef),
      payments.map(({ achTrace }) => achTrace),
      payments.map(({ achIdentification }) => achIdentification),
      payments.map(({ paymentMethodId }) => paymentMethodId),
      payments.map(({ policyLocator }) => policyLocator),
      payments.map(({ merchantId }) => merchantId),
      payments.map(({ locationId }) => locationId),
      payments.map(({ effectiveOn }) => effectiveOn),
      payments.map(({ postedAt }) => postedAt),
      payments.map(({ settleBy }) => settleBy),
    ]);
  }

  /** @returns the lines of reports that have waited for them */
  async addReferences(tx: Tx, references: readonly PaymentReference[]): Promise<LinkedLine[]> {
    if (references.length === 0) return [];
    const values = [
      references.map(({ tenantId }) => tenantId),
      references.map(({ reference }) => reference),
      references.map(({ paymentLocator }) => paymentLocator),
    ];
    const [, rows] = await Promise.all([
      tx.execute(ADD_REFERENCES, values),
      tx.query<{ tenant_id: string; id: string; batch_id: string | null }>(LINK_LINES, values),
    ]);
    return rows.map(({ tenant_id: tenantId, id, batch_id: batchId }) => ({ tenantId, id, batchId }));
  }
}
