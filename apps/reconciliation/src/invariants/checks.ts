import type { Check } from './check.ts';
import { LISTED_MAX } from './check.ts';
import { pathChecks } from './path-checks.ts';

const trialBalance = `
  SELECT tenant_id, currency::text AS subject FROM journal_lines
   GROUP BY tenant_id, currency HAVING sum(amount_minor) <> 0 LIMIT ${LISTED_MAX}`;
const entryBalance = `
  SELECT DISTINCT tenant_id, id AS subject FROM (
    SELECT e.tenant_id, e.id FROM journal_entries e
      LEFT JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
     WHERE $1::timestamptz IS NULL OR e.posted_at >= $1
     GROUP BY e.tenant_id, e.id, l.currency
    HAVING count(l.n) = 0 OR sum(l.amount_minor) <> 0) unbalanced
   LIMIT ${LISTED_MAX}`;
const reversalMirror = `
  SELECT DISTINCT tenant_id, id AS subject FROM (
    SELECT e.tenant_id, e.id FROM journal_entries e
      JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id IN (e.id, e.reverses)
     WHERE e.reverses IS NOT NULL AND ($1::timestamptz IS NULL OR e.posted_at >= $1)
     GROUP BY e.tenant_id, e.id, l.account, l.currency, l.policy_locator, l.payment_locator, l.invoice_locator, l.party
    HAVING sum(l.amount_minor) <> 0) unlike
   LIMIT ${LISTED_MAX}`;
const reversedOnce = `
  SELECT tenant_id, reverses AS subject FROM journal_entries
   WHERE reverses IS NOT NULL GROUP BY tenant_id, reverses HAVING count(*) > 1 LIMIT ${LISTED_MAX}`;
const disputeSettled = `
  SELECT e.tenant_id, e.source_id AS subject FROM journal_entries e
    JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id AND l.account = '1400'
   WHERE e.source_type = 'dispute' AND EXISTS (
     SELECT FROM journal_entries o
      WHERE o.tenant_id = e.tenant_id AND o.source_type = 'dispute' AND o.source_id = e.source_id
        AND o.kind IN ('dispute_won', 'dispute_lost') AND ($1::timestamptz IS NULL OR o.posted_at >= $1))
   GROUP BY e.tenant_id, e.source_id, l.currency HAVING sum(l.amount_minor) <> 0
   LIMIT ${LISTED_MAX}`;
/** What people wrote off is booked as often as it counts: once, and with its mirror when it was undone. */
const writeOffBooked = `
  SELECT w.tenant_id, w.id AS subject FROM exception_write_offs w
    LEFT JOIN journal_entries e ON e.tenant_id = w.tenant_id AND e.source_type = 'exception_write_off'
      AND e.source_id = w.id::text AND e.kind = 'exception_written_off'
    LEFT JOIN journal_entries m ON m.tenant_id = w.tenant_id AND m.reverses = e.id
   WHERE (w.booked_at IS NOT NULL) <> (e.id IS NOT NULL) OR (w.mirrored_at IS NOT NULL) <> (m.id IS NOT NULL)
   LIMIT ${LISTED_MAX}`;

const bookChecks = [
  { id: 'trial_balance', title: 'Per currency all lines add up to zero', sql: trialBalance },
  { id: 'entry_balance', title: 'Each entry has lines that add up to zero in each currency', sql: entryBalance },
  { id: 'reversal_mirror', title: 'A reversal and its original cancel out', sql: reversalMirror },
  { id: 'reversed_once', title: 'No entry has two reversals', sql: reversedOnce },
  { id: 'dispute_settled', title: 'Nothing is held of a dispute that was decided', sql: disputeSettled },
  { id: 'write_off_booked', title: 'What was written off is in the ledger once', sql: writeOffBooked },
] as const satisfies readonly Check[];

/** Found by putting the trees of hashes together again, not by a statement. */
export const sealedChain = { id: 'sealed_chain', title: 'Entries are as they were sealed' } as const;

export const checks = [...bookChecks, ...pathChecks] as const;
/** All that is looked at, with what it is called. */
export const invariants = [...checks, sealedChain] as const;

export type Invariant = (typeof invariants)[number]['id'];
