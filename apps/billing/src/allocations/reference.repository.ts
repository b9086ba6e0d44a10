import { Injectable } from '@nestjs/common';
import { isUuid } from '@quittance/service-kit/http/path-id';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { KnownReferences, PaymentReferences } from '../domain/receipt.ts';

export interface NamedReferences extends PaymentReferences {
  readonly tenantId: string;
}

export interface FoundReferences extends KnownReferences {
  /** The zone of the policy or the subscription, where there is one. */
  readonly timeZone: string | null;
}

interface Row {
  ord: number;
  policyLocator: string | null;
  policyCurrency: string | null;
  timeZone: string | null;
  invoiceId: string | null;
  policyholderIsKnown: boolean;
  subscriptionId: string | null;
  subscriptionCurrency: string | null;
  employerId: string | null;
}

// Looked up by whole keys, row by row, as in receivable.repository.ts.
const RESOLVE = `
  SELECT r.ord::int, p.locator AS "policyLocator", p.currency AS "policyCurrency",
         coalesce(p.time_zone, s.time_zone) AS "timeZone", coalesce(b.id, v.id) AS "invoiceId",
         s.id AS "subscriptionId", s.currency AS "subscriptionCurrency", s.employer_id AS "employerId",
         EXISTS (SELECT FROM policyholders h WHERE h.tenant_id = r.tenant_id AND h.locator = r.policyholder)
           AS "policyholderIsKnown"
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) WITH ORDINALITY
      AS r (tenant_id, instalment_id, invoice_id, policy_locator, policyholder, ord)
    LEFT JOIN LATERAL (
      SELECT * FROM invoices b WHERE b.tenant_id = r.tenant_id AND b.instalment_id = r.instalment_id OFFSET 0) b ON true
    LEFT JOIN LATERAL (
      SELECT * FROM invoices v
       WHERE r.instalment_id IS NULL AND v.tenant_id = r.tenant_id AND v.id = r.invoice_id OFFSET 0) v ON true
    LEFT JOIN LATERAL (
      SELECT * FROM policies p
       WHERE p.tenant_id = r.tenant_id
         AND p.locator = CASE WHEN v.id IS NULL THEN coalesce(b.policy_locator, r.policy_locator)
                         ELSE v.policy_locator END
       OFFSET 0) p ON true
    LEFT JOIN LATERAL (
      SELECT * FROM subscriptions s
       WHERE v.policy_locator IS NULL AND s.tenant_id = r.tenant_id AND s.id = v.subscription_id OFFSET 0) s ON true
   ORDER BY r.ord`;

/** What the references that a payment carries are here. They are others' text: what is no id of ours finds nothing. */
@Injectable()
export class ReferenceRepository {
  async resolve(tx: Tx, named: readonly NamedReferences[]): Promise<FoundReferences[]> {
    const rows = await tx.query<Row>(RESOLVE, [
      named.map(({ tenantId }) => tenantId),
      named.map(({ instalmentId }) => uuidOrNull(instalmentId)),
      named.map(({ invoiceLocator }) => uuidOrNull(invoiceLocator)),
      named.map(({ policyLocator }) => uuidOrNull(policyLocator)),
      named.map(({ policyholderLocator }) => policyholderLocator ?? null),
    ]);
    return rows.map((row) => ({
      ...policyIn(row),
      ...subscriptionIn(row),
      ...(row.invoiceId === null ? {} : { invoiceId: row.invoiceId }),
      policyholderIsKnown: row.policyholderIsKnown,
      timeZone: row.timeZone,
    }));
  }
}

function policyIn({ policyLocator: locator, policyCurrency }: Row): Partial<FoundReferences> {
  return locator === null ? {} : { policy: { locator, currency: policyCurrency ?? '' } };
}

function subscriptionIn({ subscriptionId: id, subscriptionCurrency, employerId }: Row): Partial<FoundReferences> {
  if (id === null) return {};
  return { subscription: { id, currency: subscriptionCurrency ?? '', policyholderLocator: employerId ?? '' } };
}

function uuidOrNull(text: string | undefined): string | null {
  return text !== undefined && isUuid(text) ? text : null;
}
