import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { PartnerInstalment, ReportedAttempt } from './collection.view.ts';

type Amount = 'amountMinor' | 'allocatedMinor' | 'balanceMinor';
type Row = Omit<PartnerInstalment, Amount | 'lines'> &
  Record<Amount, string> & {
    lines: { chargeId: string; category: string; code: string | null; amount: string }[];
  };

// The first term is what was booked: what the policy is renewed for is no part of the booking. Nor is an instalment of
// nothing, which a change of the policy may leave: there is nothing to collect.
const OF_BOOKING = `
  SELECT q.id AS "quoteId", i.tenant_id AS "tenantId", i.id, i.schedule_id AS "scheduleId",
         i.policy_locator AS "policyLocator", i.number, i.source, i.due_on AS "dueOn",
         i.original_due_on AS "originalDueOn", i.period_start AS "periodStart", i.period_end AS "periodEnd", i.currency,
         i.amount_minor AS "amountMinor", i.allocated_minor AS "allocatedMinor", i.balance_minor AS "balanceMinor",
         i.state, i.version, s.paid_through AS "paidThrough", l.lines,
         c.outcome AS "lastOutcome", c.failures AS "lastFailures"
    FROM partner_quotes q
    JOIN schedules s ON s.tenant_id = q.tenant_id AND s.policy_locator = q.policy_locator
     AND s.term_number = 1 AND s.state <> 'superseded'
    JOIN instalments i ON i.tenant_id = s.tenant_id AND i.schedule_id = s.id
     AND i.state NOT IN ('superseded', 'cancelled') AND i.amount_minor <> 0
   CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('chargeId', h.id, 'category', h.category, 'code', h.code,
                                      'amount', n.amount_minor::text) ORDER BY h.id) AS lines
      FROM instalment_lines n JOIN charges h ON h.tenant_id = n.tenant_id AND h.id = n.charge_id
     WHERE n.tenant_id = i.tenant_id AND n.instalment_id = i.id) l
    LEFT JOIN LATERAL (
    SELECT outcome, failures FROM partner_collections c
     WHERE c.tenant_id = i.tenant_id AND c.instalment_id = i.id ORDER BY c.id DESC LIMIT 1) c ON true
   WHERE q.tenant_id = $1 AND q.package_id = $2
   ORDER BY q.position, i.number`;

const OPEN_INVOICES = `
  SELECT instalment_id AS "instalmentId", id AS "invoiceId" FROM invoices
   WHERE tenant_id = $1 AND instalment_id = ANY($2::uuid[]) AND state IN ('open', 'partially_paid')`;

const INSERT = `
  INSERT INTO partner_collections
    (tenant_id, quote_id, recorded_at, id, instalment_id, outcome, attempted_at, failures, credit_id)
  SELECT $1, c.quote_id, $2, c.id, c.instalment_id, c.outcome, c.attempted_at, c.failures::jsonb, c.credit_id
    FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[], $8::text[], $9::uuid[])
      AS c (quote_id, id, instalment_id, outcome, attempted_at, failures, credit_id)`;

export interface NewCollection extends ReportedAttempt {
  readonly id: string;
  /** The money that it brought, where it did. */
  readonly creditId: string | null;
}

@Injectable()
export class CollectionRepository {
  async instalments(tx: Tx, { tenantId, id: packageId }: TenantKey): Promise<PartnerInstalment[]> {
    return (await tx.query<Row>(OF_BOOKING, [tenantId, packageId])).map(instalmentOf);
  }

  /** Invoices that money can go to, by instalment. */
  async openInvoices(tx: Tx, tenantId: string, instalmentIds: readonly string[]): Promise<Map<string, string>> {
    if (instalmentIds.length === 0) return new Map();
    const rows = await tx.query<{ instalmentId: string; invoiceId: string }>(OPEN_INVOICES, [tenantId, instalmentIds]);
    return new Map(rows.map(({ instalmentId, invoiceId }) => [instalmentId, invoiceId]));
  }

  async insert(tx: Tx, tenantId: string, collections: readonly NewCollection[], recordedAt: Date): Promise<void> {
    await tx.execute(INSERT, [
      tenantId,
      recordedAt,
      collections.map(({ quoteId }) => quoteId),
      collections.map(({ id }) => id),
      collections.map(({ instalmentId }) => instalmentId),
      collections.map(({ outcome }) => outcome),
      collections.map(({ attemptedAt }) => attemptedAt),
      collections.map(({ failures }) => failures && JSON.stringify(failures)),
      collections.map(({ creditId }) => creditId),
    ]);
  }
}

function instalmentOf({ lines, ...row }: Row): PartnerInstalment {
  return {
    ...row,
    amountMinor: BigInt(row.amountMinor),
    allocatedMinor: BigInt(row.allocatedMinor),
    balanceMinor: BigInt(row.balanceMinor),
    lines: lines.map(({ amount, ...line }) => ({ ...line, amountMinor: BigInt(amount) })),
  };
}
