import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { StatementFact } from '../domain/statement.ts';

/** Whose account, and up to which date: the facts of the date itself are not meant. */
export interface AccountKey {
  readonly tenantId: string;
  readonly policyholderLocator: string;
  readonly currency: string;
}
export interface WantedFacts extends AccountKey {
  readonly before: CalendarDate;
}

export type AccountFact = StatementFact & AccountKey;

export function accountKey({ tenantId, policyholderLocator, currency }: AccountKey): string {
  return `${tenantId}/${currency}/${policyholderLocator}`;
}

// What makes an account owe more or less, each by the date on which it did in business:
// - invoices, what was voided being nothing. A credit memo is told by its credit.
// - money, by payment and date: what of it is allocated to invoices of the account or lies unapplied for it. Where it
//   is moved within the account on a date it is no fact, and a payment that came and went on one date is none, either.
// - what was written off of an invoice that is not void, and taken back.
// - what was paid out before it was taken back, and is owed therefore: by the policy that its payment named, else by
//   the policyholder.
// Everything is looked up by whole keys, from the policies of the account.
const FACTS = `
  WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[])
        AS w (tenant_id, policyholder, currency, before)),
  policy AS (
    SELECT w.*, p.locator FROM wanted w CROSS JOIN LATERAL (
      SELECT p.locator FROM policies p WHERE p.tenant_id = w.tenant_id AND p.policyholder_locator = w.policyholder
         AND p.currency = w.currency OFFSET 0) p),
  invoice AS (
    SELECT p.tenant_id, p.policyholder, p.currency, p.before, p.locator, v.id, v.type, v.state, v.issued_on,
           v.total_minor
      FROM policy p CROSS JOIN LATERAL (
      SELECT * FROM invoices v WHERE v.tenant_id = p.tenant_id AND v.policy_locator = p.locator
         AND v.type <> 'credit_memo' OFFSET 0) v),
  fund AS (
    SELECT w.tenant_id, w.policyholder, w.currency, w.before, NULL::uuid AS locator, f.id FROM wanted w
     CROSS JOIN LATERAL (
      SELECT f.id FROM unapplied_funds f WHERE f.tenant_id = w.tenant_id AND f.owner_type = 'policyholder'
         AND f.owner_locator = w.policyholder AND f.currency = w.currency OFFSET 0) f
    UNION ALL
    SELECT p.tenant_id, p.policyholder, p.currency, p.before, p.locator, f.id FROM policy p CROSS JOIN LATERAL (
      SELECT f.id FROM unapplied_funds f WHERE f.tenant_id = p.tenant_id AND f.owner_type = 'policy'
         AND f.owner_locator = p.locator::text AND f.currency = p.currency OFFSET 0) f),
  money AS (
    SELECT i.tenant_id, i.policyholder, i.currency, i.before, i.locator, a.payment_locator, a.effective_date AS on_date,
           CASE a.kind WHEN 'apply' THEN a.amount_minor ELSE -a.amount_minor END AS amount
      FROM invoice i CROSS JOIN LATERAL (
      SELECT * FROM allocations a WHERE a.tenant_id = i.tenant_id AND a.invoice_id = i.id OFFSET 0) a
    UNION ALL
    SELECT f.tenant_id, f.policyholder, f.currency, f.before, f.locator, e.payment_locator,
           coalesce(e.effective_date, (e.recorded_at AT TIME ZONE 'UTC')::date), e.delta_minor
      FROM fund f CROSS JOIN LATERAL (
      SELECT * FROM unapplied_entries e WHERE e.tenant_id = f.tenant_id AND e.fund_id = f.id OFFSET 0) e),
  written AS (
    SELECT i.tenant_id, i.policyholder, i.currency, i.before, i.locator, w.id, d.on_date,
           CASE i.state WHEN 'void' THEN 0 ELSE d.effect END AS effect
      FROM invoice i CROSS JOIN LATERAL (
      SELECT * FROM write_offs w WHERE w.tenant_id = i.tenant_id AND w.invoice_id = i.id OFFSET 0) w
     CROSS JOIN LATERAL (VALUES (w.written_off_on, -w.amount_minor), (w.reversed_on, w.amount_minor))
        AS d (on_date, effect)
     WHERE d.on_date IS NOT NULL),
  fact AS (
    SELECT tenant_id, policyholder, currency, before, 'invoice' AS source_type, id AS source_id, locator,
           issued_on AS on_date, CASE state WHEN 'void' THEN 0 ELSE total_minor END AS effect,
           CASE type WHEN 'fee' THEN 'fee' ELSE 'charge' END AS more, 'credit' AS less
      FROM invoice
    UNION ALL
    SELECT m.tenant_id, m.policyholder, m.currency, m.before, 'payment', m.payment_locator,
           CASE WHEN count(DISTINCT m.locator) = 1 AND count(m.locator) = count(*) THEN min(m.locator::text)::uuid END,
           m.on_date, -sum(m.amount),
           CASE WHEN r.state = 'posted' THEN 'refund' WHEN r.kind = 'credit' THEN 'charge' ELSE 'returned_payment' END,
           CASE WHEN r.memo_id IS NOT NULL THEN 'return_premium' WHEN r.kind = 'credit' THEN 'credit' ELSE 'payment' END
      FROM money m CROSS JOIN LATERAL (
      SELECT * FROM received_payments r WHERE r.tenant_id = m.tenant_id AND r.locator = m.payment_locator OFFSET 0) r
     GROUP BY m.tenant_id, m.policyholder, m.currency, m.before, m.payment_locator, m.on_date, r.state, r.memo_id,
              r.kind
    UNION ALL
    SELECT tenant_id, policyholder, currency, before, 'write_off', id, locator, on_date, sum(effect), 'charge', 'credit'
      FROM written GROUP BY 1, 2, 3, 4, 6, 7, 8
    UNION ALL
    SELECT p.tenant_id, p.policyholder, p.currency, p.before, 'shortfall', s.id, p.locator, s.effective_date,
           s.amount_minor, CASE s.cause WHEN 'refund' THEN 'refund' ELSE 'returned_payment' END, 'credit'
      FROM policy p CROSS JOIN LATERAL (
      SELECT * FROM shortfalls s WHERE s.tenant_id = p.tenant_id AND s.policy_locator = p.locator::text
         AND s.currency = p.currency OFFSET 0) s
    UNION ALL
    SELECT w.tenant_id, w.policyholder, w.currency, w.before, 'shortfall', s.id, NULL, s.effective_date,
           s.amount_minor, CASE s.cause WHEN 'refund' THEN 'refund' ELSE 'returned_payment' END, 'credit'
      FROM wanted w CROSS JOIN LATERAL (
      SELECT * FROM shortfalls s WHERE s.tenant_id = w.tenant_id AND s.policyholder_locator = w.policyholder
         AND s.policy_locator IS NULL AND s.currency = w.currency OFFSET 0) s)
  SELECT f.tenant_id AS "tenantId", f.policyholder AS "policyholderLocator", f.currency,
         f.source_type AS "sourceType", f.source_id AS "sourceId", f.locator AS "policyLocator", f.on_date AS "on",
         f.effect::text AS effect, t.stated::text AS stated, f.more, f.less
    FROM fact f CROSS JOIN LATERAL (
      SELECT coalesce(sum(CASE WHEN l.kind IN ('charge', 'fee', 'refund', 'returned_payment')
                               THEN l.amount_minor ELSE -l.amount_minor END), 0) AS stated
        FROM statement_lines l JOIN statements s ON s.tenant_id = l.tenant_id AND s.id = l.statement_id
       WHERE l.tenant_id = f.tenant_id AND l.source_id = f.source_id AND l.source_type = f.source_type
         AND l.on_date = f.on_date AND s.state = 'issued' AND s.policyholder_locator = f.policyholder
         AND s.currency = f.currency OFFSET 0) t
   WHERE f.on_date < f.before AND f.effect <> t.stated`;

interface Row extends AccountKey, Omit<StatementFact, 'effectMinor' | 'statedMinor'> {
  readonly effect: string;
  readonly stated: string;
}

/** Reads the books of accounts at one moment, in one statement, and compares them with what statements have told. */
@Injectable()
export class StatementFactRepository {
  /** What no statement that stands has told yet, of several accounts. */
  async unstated(tx: Tx, wanted: readonly WantedFacts[]): Promise<Map<string, StatementFact[]>> {
    const rows = await tx.query<Row>(FACTS, [
      wanted.map(({ tenantId }) => tenantId),
      wanted.map(({ policyholderLocator }) => policyholderLocator),
      wanted.map(({ currency }) => currency),
      wanted.map(({ before }) => before),
    ]);
    const facts = rows.map(({ effect, stated, ...row }) => {
      return { ...row, effectMinor: BigInt(effect), statedMinor: BigInt(stated) };
    });
    return Map.groupBy(facts, accountKey);
  }
}
