import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

/** What must hold of the books at every commit, whatever happened before. */
export const invariants = [
  'trial_balance',
  'entry_balance',
  'reversal_mirror',
  'reversed_once',
  'dispute_settled',
] as const;
export type Invariant = (typeof invariants)[number];

/** A place where one does not hold. The subject is an entry or a dispute, or the currency of a trial balance. */
export interface Violation {
  readonly invariant: Invariant;
  readonly tenantId: string;
  readonly subject: string;
}

/** Enough to look into; how many more there are does not change what is to be done. */
const LISTED_MAX = 100;

const TRIAL_BALANCE = `
  SELECT tenant_id, currency::text AS subject FROM journal_lines
   GROUP BY tenant_id, currency HAVING sum(amount_minor) <> 0 LIMIT ${LISTED_MAX}`;
const ENTRY_BALANCE = `
  SELECT DISTINCT tenant_id, id AS subject FROM (
    SELECT e.tenant_id, e.id FROM journal_entries e
      LEFT JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
     WHERE $1::timestamptz IS NULL OR e.posted_at >= $1
     GROUP BY e.tenant_id, e.id, l.currency
    HAVING count(l.n) = 0 OR sum(l.amount_minor) <> 0) unbalanced
   LIMIT ${LISTED_MAX}`;
const REVERSAL_MIRROR = `
  SELECT DISTINCT tenant_id, id AS subject FROM (
    SELECT e.tenant_id, e.id FROM journal_entries e
      JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id IN (e.id, e.reverses)
     WHERE e.reverses IS NOT NULL AND ($1::timestamptz IS NULL OR e.posted_at >= $1)
     GROUP BY e.tenant_id, e.id, l.account, l.currency, l.policy_locator, l.payment_locator, l.invoice_locator
    HAVING sum(l.amount_minor) <> 0) unlike
   LIMIT ${LISTED_MAX}`;
const REVERSED_ONCE = `
  SELECT tenant_id, reverses AS subject FROM journal_entries
   WHERE reverses IS NOT NULL GROUP BY tenant_id, reverses HAVING count(*) > 1 LIMIT ${LISTED_MAX}`;

const DISPUTE_SETTLED = `
  SELECT e.tenant_id, e.source_id AS subject FROM journal_entries e
    JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id AND l.account = '1400'
   WHERE e.source_type = 'dispute' AND EXISTS (
     SELECT FROM journal_entries o
      WHERE o.tenant_id = e.tenant_id AND o.source_type = 'dispute' AND o.source_id = e.source_id
        AND o.kind IN ('dispute_won', 'dispute_lost') AND ($1::timestamptz IS NULL OR o.posted_at >= $1))
   GROUP BY e.tenant_id, e.source_id, l.currency HAVING sum(l.amount_minor) <> 0
   LIMIT ${LISTED_MAX}`;

/** The books, checked by other means than those that wrote them: the guards in the database are not believed here. */
@Injectable()
export class InvariantRepository {
  /** @param since only entries booked from then on are added up one by one; null means all that there are */
  async violations(tx: Tx, since: Date | null): Promise<Violation[]> {
    const checks: [Invariant, string, unknown[]][] = [
      ['trial_balance', TRIAL_BALANCE, []],
      ['entry_balance', ENTRY_BALANCE, [since]],
      ['reversal_mirror', REVERSAL_MIRROR, [since]],
      ['reversed_once', REVERSED_ONCE, []],
      ['dispute_settled', DISPUTE_SETTLED, [since]],
    ];
    const found = await Promise.all(
      checks.map(async ([invariant, text, values]) => {
        const rows = await tx.query<{ tenant_id: string; subject: string }>(text, values);
        return rows.map(({ tenant_id: tenantId, subject }): Violation => ({ invariant, tenantId, subject }));
      }),
    );
    return found.flat();
  }
}
