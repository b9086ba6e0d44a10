import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate, Period } from '../domain/calendar.ts';
import type { ChargeCategory, ChargeHandling } from '../domain/charge.ts';
import type { ChargeSegment } from '../domain/earning.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';

/** A policy with what its equity counts, of the term that runs, else of the last. */
export interface EquityBasis extends PolicyKey {
  readonly policyholderLocator: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly termNumber: number;
  readonly term: Period;
  readonly paidMinor: bigint;
  readonly segments: readonly ChargeSegment[];
  /** What was told last; null before the first time. */
  readonly told: ToldEquity | null;
  readonly version: number;
}

/** What has to differ for an equity to be another one: that cover is earned day by day is no change of it. */
export interface ToldEquity {
  readonly termNumber: number;
  readonly paidMinor: bigint;
  readonly chargedMinor: bigint;
  readonly equityOn: CalendarDate;
}

export interface StoredEquity extends PolicyKey {
  readonly told: ToldEquity;
  readonly version: number;
}

interface Row extends Omit<EquityBasis, 'locator' | 'term' | 'paidMinor' | 'segments' | 'told'> {
  readonly locator: string;
  readonly startsOn: CalendarDate;
  readonly endsOn: CalendarDate;
  readonly paid: string;
  readonly segments:
    | {
        category: ChargeCategory;
        handling: ChargeHandling;
        amount: string;
        start: CalendarDate;
        end: CalendarDate;
      }[]
    | null;
  readonly toldTerm: number | null;
  readonly toldPaid: string;
  readonly toldCharged: string;
  readonly toldOn: CalendarDate;
}

const MARK = `
  INSERT INTO policy_equities AS e (tenant_id, policy_locator, stale_at, version)
  SELECT DISTINCT ON (n.tenant_id, n.locator) n.tenant_id, n.locator, n.at, 0
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS n (tenant_id, locator, at)
   ORDER BY n.tenant_id, n.locator, n.at
  ON CONFLICT (tenant_id, policy_locator) DO UPDATE SET stale_at = excluded.stale_at WHERE e.stale_at IS NULL`;

const claimSql = (scope: string) => `
  SELECT e.tenant_id AS "tenantId", e.policy_locator AS locator
    FROM (SELECT tenant_id, policy_locator FROM policy_equities e
           WHERE e.stale_at IS NOT NULL AND ${scope} ORDER BY e.stale_at, e.tenant_id, e.policy_locator OFFSET 0) e
   CROSS JOIN LATERAL (
     SELECT FROM policies l WHERE l.tenant_id = e.tenant_id AND l.locator = e.policy_locator
        FOR NO KEY UPDATE SKIP LOCKED) l
   LIMIT $1`;
const ANY = claimSql('true');
const OF_TENANT = claimSql('e.tenant_id = $2');
const LEFT = 'SELECT FROM policy_equities WHERE tenant_id = $1 AND stale_at IS NOT NULL LIMIT 1';

// As a cancellation counts: without what billing charged by itself, and without what gives another charge back.
const READ = `
  SELECT p.tenant_id AS "tenantId", p.locator, p.policyholder_locator AS "policyholderLocator", p.currency,
         p.time_zone AS "timeZone", m.number AS "termNumber", m.effective_date AS "startsOn",
         m.expiration_date AS "endsOn", e.version, e.term_number AS "toldTerm", e.paid_minor AS "toldPaid",
         e.charged_minor AS "toldCharged", e.equity_on AS "toldOn",
         (SELECT coalesce(sum(i.allocated_minor), 0) FROM invoices v
            JOIN invoice_items i ON i.tenant_id = v.tenant_id AND i.invoice_id = v.id
            JOIN charges c ON c.tenant_id = i.tenant_id AND c.id = i.charge_id AND c.term_number = m.number
             AND c.category = 'premium'
           WHERE v.tenant_id = p.tenant_id AND v.policy_locator = p.locator
             AND v.type <> 'credit_memo' AND v.state <> 'void') AS paid,
         (SELECT json_agg(json_build_object('category', c.category, 'handling', c.handling,
                   'amount', c.amount_minor::text, 'start', c.coverage_start, 'end', c.coverage_end))
            FROM charges c
            JOIN policy_transactions x ON x.tenant_id = c.tenant_id AND x.id = c.transaction_id AND x.state = 'applied'
           WHERE c.tenant_id = p.tenant_id AND c.policy_locator = p.locator
             AND c.term_number = m.number AND c.offsets_charge_id IS NULL) AS segments
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS n (tenant_id, locator, now)
   CROSS JOIN LATERAL (
    SELECT * FROM policy_equities e WHERE e.tenant_id = n.tenant_id AND e.policy_locator = n.locator
       AND e.stale_at IS NOT NULL OFFSET 0) e
   CROSS JOIN LATERAL (
    SELECT *, (n.now AT TIME ZONE p.time_zone)::date AS today
      FROM policies p WHERE p.tenant_id = n.tenant_id AND p.locator = n.locator OFFSET 0) p
   CROSS JOIN LATERAL (
    SELECT m.* FROM policy_terms m WHERE m.tenant_id = n.tenant_id AND m.policy_locator = n.locator
     ORDER BY (m.effective_date <= p.today AND p.today < m.expiration_date) DESC, m.number DESC LIMIT 1) m`;

const STORE = `
  UPDATE policy_equities e SET stale_at = NULL, term_number = n.term_number, paid_minor = n.paid,
         charged_minor = n.charged, equity_on = n.equity_on, version = n.version
    FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $5::bigint[], $6::date[], $7::int[])
      AS n (tenant_id, locator, term_number, paid, charged, equity_on, version)
   WHERE e.tenant_id = n.tenant_id AND e.policy_locator = n.locator`;

@Injectable()
export class PolicyEquityRepository {
  /** The equity of these policies may be another one: the sweep looks, once for all that happened until then. */
  async mark(tx: Tx, policies: readonly (PolicyKey & { readonly at: Date })[]): Promise<void> {
    await tx.execute(MARK, [
      policies.map(({ tenantId }) => tenantId),
      policies.map(({ locator }) => locator),
      policies.map(({ at }) => at),
    ]);
  }

  /** Marked policies that nobody else has locked; they are locked. */
  claim(tx: Tx, { tenantId, limit }: { tenantId: string | null; limit: number }): Promise<PolicyKey[]> {
    return tenantId === null ? tx.query<PolicyKey>(ANY, [limit]) : tx.query<PolicyKey>(OF_TENANT, [limit, tenantId]);
  }

  /** The caller holds the locks. Those that are marked still. */
  async read(tx: Tx, claimed: readonly (PolicyKey & { readonly now: Date })[]): Promise<EquityBasis[]> {
    const rows = await tx.query<Row>(READ, [
      claimed.map(({ tenantId }) => tenantId),
      claimed.map(({ locator }) => locator),
      claimed.map(({ now }) => now),
    ]);
    return rows.map(toBasis);
  }

  /** They are looked at no more until something happens again. */
  async store(tx: Tx, equities: readonly StoredEquity[]): Promise<void> {
    await tx.execute(STORE, [
      equities.map(({ tenantId }) => tenantId),
      equities.map(({ locator }) => locator),
      equities.map(({ told }) => told.termNumber),
      equities.map(({ told }) => told.paidMinor),
      equities.map(({ told }) => told.chargedMinor),
      equities.map(({ told }) => told.equityOn),
      equities.map(({ version }) => version),
    ]);
  }

  async isAnyLeft(tx: Tx, tenantId: string): Promise<boolean> {
    return (await tx.query(LEFT, [tenantId])).length > 0;
  }
}

function toBasis({ startsOn: start, endsOn: end, paid, segments, ...row }: Row): EquityBasis {
  const { toldTerm, toldPaid, toldCharged, toldOn, ...policy } = row;
  const told =
    toldTerm === null
      ? null
      : { termNumber: toldTerm, paidMinor: BigInt(toldPaid), chargedMinor: BigInt(toldCharged), equityOn: toldOn };
  return {
    ...policy,
    term: { start, end },
    paidMinor: BigInt(paid),
    segments: (segments ?? []).map((each) => ({
      ...{ category: each.category, handling: each.handling, amountMinor: BigInt(each.amount) },
      coverage: { start: each.start, end: each.end },
    })),
    told,
  };
}
