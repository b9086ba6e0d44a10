import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export interface BrokenInvariant {
  readonly invariant: string;
  readonly tenantId: string;
  /** What breaks it: the id of a schedule, an instalment, a payment, … */
  readonly id: string;
}

/**
 * Each query finds what must not be: rows of `tenant_id, id`. They read tables that others write meanwhile, so they are
 * one statement each: what a statement sees is of one moment.
 */
export const invariants: Readonly<Record<string, string>> = {
  'the instalments of a schedule add up to its total': `
    SELECT s.tenant_id, s.id FROM schedules s
      LEFT JOIN instalments i ON i.tenant_id = s.tenant_id AND i.schedule_id = s.id
                             AND i.state NOT IN ('cancelled', 'superseded')
     WHERE s.state IN ('active', 'on_hold', 'completed')
     GROUP BY s.tenant_id, s.id, s.total_minor HAVING coalesce(sum(i.amount_minor), 0) <> s.total_minor`,

  'the lines of an instalment add up to its amount': `
    SELECT i.tenant_id, i.id FROM instalments i
      LEFT JOIN instalment_lines l ON l.tenant_id = i.tenant_id AND l.instalment_id = i.id
     GROUP BY i.tenant_id, i.id, i.amount_minor HAVING coalesce(sum(l.amount_minor), 0) <> i.amount_minor`,

  'a charge is in instalments, on invoices of its own, or was taken out before it was billed': `
    SELECT c.tenant_id, c.id FROM charges c
     WHERE c.amount_minor <> c.voided_minor
       + (SELECT coalesce(sum(l.amount_minor), 0) FROM instalment_lines l
            JOIN instalments i ON i.tenant_id = l.tenant_id AND i.id = l.instalment_id
           WHERE l.tenant_id = c.tenant_id AND l.charge_id = c.id AND i.state NOT IN ('cancelled', 'superseded'))
       + (SELECT coalesce(sum(t.amount_minor), 0) FROM invoice_items t
            JOIN invoices v ON v.tenant_id = t.tenant_id AND v.id = t.invoice_id
           WHERE t.tenant_id = c.tenant_id AND t.charge_id = c.id AND v.instalment_id IS NULL
             AND v.state <> 'void' AND v.subscription_id IS NULL)`,

  'an instalment and its invoice are one debt': `
    SELECT i.tenant_id, i.id FROM instalments i JOIN invoices v ON v.tenant_id = i.tenant_id AND v.instalment_id = i.id
     WHERE (i.amount_minor, i.allocated_minor, i.balance_minor, i.due_on, i.currency)
           IS DISTINCT FROM (v.total_minor, v.allocated_minor, v.balance_minor, v.due_on, v.currency)
       AND v.state <> 'void'`,

  'an instalment that was billed has an invoice, a scheduled one has none': `
    SELECT i.tenant_id, i.id FROM instalments i
      LEFT JOIN invoices v ON v.tenant_id = i.tenant_id AND v.instalment_id = i.id
     WHERE (i.state IN ('billed', 'partially_paid', 'paid', 'written_off') AND i.amount_minor > 0) <> (v.id IS NOT NULL)
       AND i.state NOT IN ('cancelled', 'superseded')`,

  'the items of an invoice add up to it': `
    SELECT v.tenant_id, v.id FROM invoices v
      LEFT JOIN invoice_items t ON t.tenant_id = v.tenant_id AND t.invoice_id = v.id
     GROUP BY v.tenant_id, v.id, v.total_minor, v.allocated_minor, v.written_off_minor
    HAVING (coalesce(sum(t.amount_minor), 0), coalesce(sum(t.allocated_minor), 0),
            coalesce(sum(t.written_off_minor), 0))
           IS DISTINCT FROM (v.total_minor, v.allocated_minor, v.written_off_minor)`,

  'an item is written off by exactly the write-offs that stand': `
    SELECT t.tenant_id, t.invoice_id AS id FROM invoice_items t
     WHERE t.written_off_minor <> (SELECT coalesce(sum(p.amount_minor), 0) FROM write_offs w
        JOIN write_off_items p ON p.tenant_id = w.tenant_id AND p.write_off_id = w.id
       WHERE w.tenant_id = t.tenant_id AND w.invoice_id = t.invoice_id AND w.state = 'standing'
         AND p.item_no = t.item_no)`,

  'a statement opens with what the one before it closed with': `
    SELECT s.tenant_id, s.id FROM (
      SELECT s.tenant_id, s.id, s.opening_minor, lag(s.closing_minor, 1, 0::bigint) OVER (
               PARTITION BY s.tenant_id, s.policyholder_locator, s.currency ORDER BY s.period_start) AS closed_with
        FROM statements s WHERE s.state = 'issued') s
     WHERE s.opening_minor <> s.closed_with`,

  'a statement is the sum of its lines': `
    SELECT s.tenant_id, s.id FROM statements s
     WHERE s.closing_minor - s.opening_minor <> (
       SELECT coalesce(sum(CASE WHEN l.kind IN ('charge', 'fee', 'refund', 'returned_payment')
                                THEN l.amount_minor ELSE -l.amount_minor END), 0)
         FROM statement_lines l WHERE l.tenant_id = s.tenant_id AND l.statement_id = s.id)`,

  'a write-off is the sum of its items': `
    SELECT w.tenant_id, w.id FROM write_offs w
      LEFT JOIN write_off_items p ON p.tenant_id = w.tenant_id AND p.write_off_id = w.id
     GROUP BY w.tenant_id, w.id, w.amount_minor HAVING coalesce(sum(p.amount_minor), 0) <> w.amount_minor`,

  'an item is paid by exactly its allocations': `
    SELECT t.tenant_id, t.invoice_id AS id FROM invoice_items t
      JOIN invoices v ON v.tenant_id = t.tenant_id AND v.id = t.invoice_id AND v.type <> 'credit_memo'
      LEFT JOIN allocations a ON a.tenant_id = t.tenant_id AND a.invoice_id = t.invoice_id AND a.item_no = t.item_no
     GROUP BY t.tenant_id, t.invoice_id, t.item_no, t.allocated_minor
    HAVING coalesce(sum(CASE a.kind WHEN 'apply' THEN a.amount_minor ELSE -a.amount_minor END), 0)
           <> t.allocated_minor`,

  'every cent of a payment is where its parts say': `
    SELECT r.tenant_id, r.locator AS id FROM received_payments r
     WHERE (r.allocated_minor, r.unapplied_minor, r.suspended_minor, r.refunded_minor, r.disbursed_minor)
           IS DISTINCT FROM (
       (SELECT coalesce(sum(CASE a.kind WHEN 'apply' THEN a.amount_minor ELSE -a.amount_minor END), 0)
          FROM allocations a WHERE a.tenant_id = r.tenant_id AND a.payment_locator = r.locator),
       (SELECT coalesce(sum(e.delta_minor), 0)
          FROM unapplied_entries e WHERE e.tenant_id = r.tenant_id AND e.payment_locator = r.locator),
       (SELECT coalesce(sum(s.amount_minor), 0) FROM suspense_items s
         WHERE s.tenant_id = r.tenant_id AND s.payment_locator = r.locator AND s.state = 'open'),
       (SELECT coalesce(sum(f.covered_minor), 0) FROM refunds f
         WHERE f.tenant_id = r.tenant_id AND f.payment_locator = r.locator AND f.state = 'made'),
       (SELECT coalesce(sum(d.amount_minor), 0) FROM disbursement_parts d
          JOIN disbursement_requests q ON q.tenant_id = d.tenant_id AND q.id = d.request_id AND q.state <> 'returned'
         WHERE d.tenant_id = r.tenant_id AND d.payment_locator = r.locator))`,

  'a disbursement request is what payments gave for it': `
    SELECT q.tenant_id, q.id FROM disbursement_requests q
      LEFT JOIN disbursement_parts d ON d.tenant_id = q.tenant_id AND d.request_id = q.id
     GROUP BY q.tenant_id, q.id, q.amount_minor HAVING coalesce(sum(d.amount_minor), 0) <> q.amount_minor`,

  'what a refund did not find in its payment is a shortfall': `
    SELECT f.tenant_id, f.payment_locator AS id FROM refunds f
     GROUP BY f.tenant_id, f.payment_locator
    HAVING sum(f.amount_minor - f.covered_minor) <> (
       SELECT coalesce(sum(s.amount_minor), 0) FROM shortfalls s
        WHERE s.tenant_id = f.tenant_id AND s.payment_locator = f.payment_locator AND s.cause = 'refund')`,

  'an unapplied fund is the sum of its entries': `
    SELECT f.tenant_id, f.id FROM unapplied_funds f
      LEFT JOIN unapplied_entries e ON e.tenant_id = f.tenant_id AND e.fund_id = f.id
     GROUP BY f.tenant_id, f.id, f.balance_minor, f.version
    HAVING coalesce(sum(e.delta_minor), 0) <> f.balance_minor OR count(e.number) <> f.version`,

  'payment, allocation and invoice are of one currency': `
    SELECT a.tenant_id, a.id FROM allocations a
      JOIN invoices v ON v.tenant_id = a.tenant_id AND v.id = a.invoice_id
      JOIN received_payments r ON r.tenant_id = a.tenant_id AND r.locator = a.payment_locator
     WHERE a.currency <> v.currency OR a.currency <> r.currency`,

  'paid through is the end of the unbroken paid prefix': `
    SELECT s.tenant_id, s.id FROM schedules s
     WHERE s.paid_through IS DISTINCT FROM (
       SELECT max(i.period_end) FROM instalments i
        WHERE i.tenant_id = s.tenant_id AND i.schedule_id = s.id AND i.state NOT IN ('superseded', 'cancelled')
          AND NOT EXISTS (
          SELECT FROM instalments o WHERE o.tenant_id = i.tenant_id AND o.schedule_id = i.schedule_id
             AND o.number <= i.number AND o.state NOT IN ('paid', 'superseded', 'cancelled')))`,

  'a credit memo is a credit': `
    SELECT v.tenant_id, v.id FROM invoices v
      LEFT JOIN received_payments r ON r.tenant_id = v.tenant_id AND r.memo_id = v.id
     WHERE v.type = 'credit_memo' AND -v.total_minor IS DISTINCT FROM r.amount_minor`,

  'a charge is asked for of an instalment that is there, and of its policy': `
    SELECT a.tenant_id, a.instalment_id AS id FROM collection_attempts a
      LEFT JOIN instalments i ON i.tenant_id = a.tenant_id AND i.id = a.instalment_id
                             AND i.policy_locator = a.policy_locator
     WHERE i.id IS NULL`,

  'what waits to be billed is not announced': `
    SELECT i.tenant_id, i.id FROM instalments i WHERE i.state = 'scheduled' AND i.announced_at IS NOT NULL`,

  'what is owed and was not announced is queued to be': `
    SELECT coalesce(i.tenant_id, q.tenant_id) AS tenant_id, coalesce(i.id, q.id) AS id FROM (
      SELECT i.tenant_id, i.due_at, i.id FROM instalments i
       WHERE i.announced_at IS NULL AND i.state IN ('billed', 'partially_paid')) i
      FULL JOIN announcement_queue q ON q.tenant_id = i.tenant_id AND q.due_at = i.due_at AND q.id = i.id
     WHERE i.id IS NULL OR q.id IS NULL`,

  'a commission is on the premium of its term, and earned on the part that is charged, billed or paid': `
    SELECT c.tenant_id, c.id FROM commissions c
     WHERE c.basis_minor <> (
       SELECT coalesce(sum(h.amount_minor - h.voided_minor), 0) FROM charges h
        WHERE h.tenant_id = c.tenant_id AND h.policy_locator = c.policy_locator AND h.term_number = c.term_number
          AND h.category = 'premium')
        OR c.earned_basis_minor <> CASE c.earn WHEN 'on_issue' THEN c.basis_minor ELSE (
       SELECT coalesce(sum(CASE c.earn WHEN 'on_billing' THEN t.amount_minor ELSE t.allocated_minor END), 0)
         FROM charges h
         JOIN invoice_items t ON t.tenant_id = h.tenant_id AND t.charge_id = h.id
         JOIN invoices v ON v.tenant_id = t.tenant_id AND v.id = t.invoice_id AND v.state NOT IN ('draft', 'void')
                       AND v.subscription_id IS NULL
        WHERE h.tenant_id = c.tenant_id AND h.policy_locator = c.policy_locator AND h.term_number = c.term_number
          AND h.category = 'premium') END`,

  'a commission is the sum of its entries, and so is what is left of it to earn and to pay': `
    SELECT c.tenant_id, c.id FROM commissions c
      LEFT JOIN commission_entries e ON e.tenant_id = c.tenant_id AND e.commission_id = c.id
     GROUP BY c.tenant_id, c.id, c.reserved_minor, c.earned_minor, c.paid_minor, c.version
    HAVING (c.reserved_minor, c.earned_minor, c.paid_minor, c.version) IS DISTINCT FROM (
       coalesce(sum(CASE e.state WHEN 'earned' THEN -e.amount_minor WHEN 'paid' THEN 0 ELSE e.amount_minor END), 0),
       coalesce(sum(CASE e.state WHEN 'earned' THEN e.amount_minor WHEN 'paid' THEN -e.amount_minor ELSE 0 END), 0),
       coalesce(sum(e.amount_minor) FILTER (WHERE e.state = 'paid'), 0), count(e.number)::integer)`,

  'a payout is what its entries paid': `
    SELECT p.tenant_id, p.id FROM commission_payouts p
      LEFT JOIN commission_entries e ON e.tenant_id = p.tenant_id AND e.payout_id = p.id
     GROUP BY p.tenant_id, p.id, p.amount_minor HAVING coalesce(sum(e.amount_minor), 0) <> p.amount_minor`,
  'a subscription counts its periods': `
    SELECT s.tenant_id, s.id FROM subscriptions s
      LEFT JOIN subscription_periods p ON p.tenant_id = s.tenant_id AND p.subscription_id = s.id
     GROUP BY s.tenant_id, s.id, s.billed_count, s.collected_count, s.arrears_count
    HAVING (s.billed_count, s.collected_count, s.arrears_count) IS DISTINCT FROM (
       count(p.id), count(p.id) FILTER (WHERE p.state = 'collected'),
       count(p.id) FILTER (WHERE p.state IN ('waiting', 'overdue') OR (p.state = 'requested' AND p.attempt > 1)))`,

  'a period is collected while its invoice is paid': `
    SELECT p.tenant_id, p.id FROM subscription_periods p
      JOIN invoices v ON v.tenant_id = p.tenant_id AND v.id = p.invoice_id
     WHERE (p.state = 'collected') <> (v.state = 'paid') OR v.subscription_id IS DISTINCT FROM p.subscription_id`,

  'an invoice of a subscription bills one of its periods': `
    SELECT v.tenant_id, v.id FROM invoices v
     WHERE v.type = 'subscription' AND NOT EXISTS (
       SELECT FROM subscription_periods p WHERE p.tenant_id = v.tenant_id AND p.invoice_id = v.id)`,

  'the numbers of invoices have no gap': `
    SELECT c.tenant_id, c.tenant_id AS id FROM invoice_counters c
     WHERE c.last_number <> (SELECT count(*) FROM invoices v WHERE v.tenant_id = c.tenant_id)`,
};

@Injectable()
export class InvariantRepository {
  /** Every row that breaks an invariant; none when the books are right. */
  async broken(tx: Tx): Promise<BrokenInvariant[]> {
    const broken: BrokenInvariant[] = [];
    for (const [invariant, text] of Object.entries(invariants)) {
      const rows = await tx.query<{ tenant_id: string; id: string }>(text);
      broken.push(...rows.map(({ tenant_id: tenantId, id }) => ({ invariant, tenantId, id })));
    }
    return broken;
  }
}
