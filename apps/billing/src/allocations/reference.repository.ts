import { Injectable } from '@nestjs/common';
import { isUuid } from '@quittance/service-kit/http/path-id';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { KnownReferences, PaymentReferences } from '../domain/receipt.ts';

export interface NamedReferences extends PaymentReferences {
  readonly tenantId: string;
  /** Of the money: what a policyholder owes in another one is not meant. */
  readonly currency?: string;
}

export interface FoundReferences extends KnownReferences {
  /** The zone of the policy or the subscription, where there is one. */
  readonly timeZone: string | null;
}

interface Row {
  policyLocator: string | null;
  policyCurrency: string | null;
  timeZone: string | null;
  invoiceId: string | null;
  statement: KnownReferences['statement'] | null;
  policyholderIsKnown: boolean;
  policyLocators: string[] | null;
  subscription: KnownReferences['subscription'] | null;
}

// Looked up by whole keys, row by row, as in receivable.repository.ts. The policies of a policyholder are asked for
// only where nothing more specific is named.
const RESOLVE = `
  SELECT p.locator AS "policyLocator", p.currency AS "policyCurrency", coalesce(p.time_zone, u.time_zone) AS "timeZone",
         coalesce(b.id, v.id) AS "invoiceId",
         CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'currency', u.currency,
           'policyholderLocator', u.employer_id) END AS subscription,
         CASE WHEN s.id IS NOT NULL THEN json_build_object('locator', s.id, 'currency', s.currency,
           'policyholderLocator', s.policyholder_locator, 'issuedBefore', s.period_end) END AS statement,
         EXISTS (SELECT FROM policyholders h WHERE h.tenant_id = r.tenant_id AND h.locator = r.policyholder)
           AS "policyholderIsKnown",
         CASE WHEN s.id IS NOT NULL OR r.is_only_policyholder THEN (
           SELECT json_agg(o.locator ORDER BY o.locator) FROM policies o
            WHERE o.tenant_id = r.tenant_id
              AND o.policyholder_locator = coalesce(s.policyholder_locator, r.policyholder)
              AND o.currency = r.currency) END AS "policyLocators"
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::boolean[])
      WITH ORDINALITY AS r (tenant_id, instalment_id, invoice_id, policy_locator, policyholder, statement_id, currency,
        is_only_policyholder, ord)
    LEFT JOIN LATERAL (
      SELECT * FROM invoices b WHERE b.tenant_id = r.tenant_id AND b.instalment_id = r.instalment_id OFFSET 0) b ON true
    LEFT JOIN LATERAL (
      SELECT * FROM invoices v
       WHERE r.instalment_id IS NULL AND v.tenant_id = r.tenant_id AND v.id = r.invoice_id OFFSET 0) v ON true
    LEFT JOIN LATERAL (
      SELECT * FROM statements s WHERE s.tenant_id = r.tenant_id AND s.id = r.statement_id OFFSET 0) s ON true
    LEFT JOIN LATERAL (
      SELECT * FROM policies p
       WHERE p.tenant_id = r.tenant_id
         AND p.locator = CASE WHEN v.id IS NULL THEN coalesce(b.policy_locator, r.policy_locator)
                              ELSE v.policy_locator END
       OFFSET 0) p ON true
    LEFT JOIN LATERAL (
      SELECT * FROM subscriptions u
       WHERE v.policy_locator IS NULL AND u.tenant_id = r.tenant_id AND u.id = v.subscription_id OFFSET 0) u ON true
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
      named.map((each) => (isOfInvoice(each) ? null : uuidOrNull(each.statementLocator))),
      named.map(({ currency }) => currency ?? null),
      named.map(isOnlyOfPolicyholder),
    ]);
    return rows.map(
      ({ policyLocator, policyCurrency, invoiceId, statement, subscription, policyLocators, ...rest }) => ({
        ...(policyLocator === null ? {} : { policy: { locator: policyLocator, currency: policyCurrency ?? '' } }),
        ...(subscription === null || subscription === undefined ? {} : { subscription }),
        ...(invoiceId === null ? {} : { invoiceId }),
        ...(statement === null || statement === undefined ? {} : { statement }),
        policyLocators: policyLocators ?? [],
        ...rest,
      }),
    );
  }
}

function isOfInvoice({ instalmentId, invoiceLocator }: NamedReferences): boolean {
  return instalmentId !== undefined || invoiceLocator !== undefined;
}

function isOnlyOfPolicyholder(named: NamedReferences): boolean {
  return !isOfInvoice(named) && named.statementLocator === undefined && named.policyLocator === undefined;
}

function uuidOrNull(text: string | undefined): string | null {
  return text !== undefined && isUuid(text) ? text : null;
}
