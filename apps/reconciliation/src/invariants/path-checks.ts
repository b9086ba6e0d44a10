import type { Check } from './check.ts';
import { LISTED_MAX } from './check.ts';

/** Only a look at everything does these: each reads what is open, not what is new. */
const whole = '$1::timestamptz IS NULL';

const rollUps = `
  SELECT tenant_id, account || ' ' || currency AS subject FROM (
    SELECT tenant_id, account, currency::text, debit_minor - credit_minor AS minor FROM balance_days
    UNION ALL
    SELECT l.tenant_id, l.account, l.currency::text, -l.amount_minor FROM journal_entries e
      JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
     WHERE e.seq <= (SELECT through_seq FROM ledger_progress)) both_ways
   WHERE ${whole} GROUP BY tenant_id, account, currency HAVING sum(minor) <> 0 LIMIT ${LISTED_MAX}`;

/** As many entries are sealed as were booked up to there: a seal alone does not tell of one that was passed over. */
const sealedWhole = `
  SELECT tenant_id, 'seq ' || max(seq) AS subject FROM (
    SELECT tenant_id, last_seq AS seq, entries FROM ledger_batches
    UNION ALL
    SELECT tenant_id, max(seq), -count(*) FROM journal_entries
     WHERE seq <= (SELECT through_seq FROM ledger_progress) GROUP BY tenant_id) both_ways
   WHERE ${whole} GROUP BY tenant_id HAVING sum(entries) <> 0 LIMIT ${LISTED_MAX}`;

/**
 * Paid out by two payouts; or late and nobody was asked; or paid out and somebody is still asked. Of a tenant on a test
 * clock the day is not ours.
 */
const paymentPath = `
  SELECT tenant_id, locator::text AS subject FROM (
    SELECT tenant_id, payment_locator AS locator FROM settlement_items
     WHERE category = 'charge' AND payment_locator IS NOT NULL AND batch_id IS NOT NULL
     GROUP BY tenant_id, payment_locator HAVING count(DISTINCT batch_id) > 1
    UNION ALL
    SELECT tenant_id, locator FROM payment_projections p
     WHERE state = 'posted' AND settled_at IS NULL AND told_late_at IS NULL AND settle_by < current_date - 1
       AND heard_at < now() - interval '10 minutes'
       AND NOT EXISTS (SELECT FROM test_clock_days c WHERE c.tenant_id = p.tenant_id)
       AND NOT EXISTS (SELECT FROM items i WHERE i.tenant_id = p.tenant_id AND i.set_name = 'settlement_item_payment'
                          AND i.side = 'B' AND i.source_type = 'payment' AND i.source_id = p.locator::text
                          AND i.state = 'matched')
    UNION ALL
    SELECT p.tenant_id, p.locator FROM exceptions e
      JOIN payment_projections p ON p.tenant_id = e.tenant_id AND p.locator::text = e.subject_id
     WHERE e.type = 'payment_not_settled' AND e.subject_type = 'payment' AND e.closed_at IS NULL
       AND p.settled_at IS NOT NULL) off_the_path
   WHERE ${whole} LIMIT ${LISTED_MAX}`;

/** What a match says of its sides is what they are, and they say that they are its. */
const matchBalance = `
  SELECT m.tenant_id, m.id::text AS subject FROM matches m
    LEFT JOIN items i ON i.tenant_id = m.tenant_id AND i.id = ANY (m.a_items || m.b_items)
   WHERE m.state = 'confirmed' AND ($1::timestamptz IS NULL OR m.created_at >= $1)
   GROUP BY m.tenant_id, m.id, m.amount_minor, m.diff_minor, m.a_items, m.b_items
  HAVING count(i.id) <> cardinality(m.a_items || m.b_items) OR bool_or(i.match_id IS DISTINCT FROM m.id)
      OR sum(i.amount_minor) FILTER (WHERE i.side = 'A') <> m.amount_minor
      OR sum(CASE i.side WHEN 'A' THEN i.amount_minor ELSE -i.amount_minor END) <> m.diff_minor
   LIMIT ${LISTED_MAX}`;

/** Of a payout that was booked 1150 holds all of it until the bank has shown it, and then nothing. */
const payoutCleared = `
  SELECT b.tenant_id, b.id::text AS subject FROM settlement_batches b
    JOIN journal_entries e ON e.tenant_id = b.tenant_id AND e.source_type = 'settlement_batch'
     AND split_part(e.source_id, '#', 1) = b.id::text
    JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id AND l.account = '1150'
    LEFT JOIN items i ON i.tenant_id = b.tenant_id AND i.set_name = 'settlement_batch_deposit' AND i.side = 'A'
     AND i.source_type = 'settlement_batch' AND i.source_id = b.id::text
    LEFT JOIN deposit_bookings d ON d.tenant_id = i.tenant_id AND d.item_id = i.id
   WHERE b.booked_at IS NOT NULL AND ${whole}
   GROUP BY b.tenant_id, b.id, b.net_minor, d.is_booked
  HAVING sum(l.amount_minor) <> CASE WHEN d.is_booked THEN 0 ELSE b.net_minor END LIMIT ${LISTED_MAX}`;

/** What an 835 brought into 1130 is what it says was paid. */
const remittanceCash = `
  SELECT r.tenant_id, r.id::text AS subject FROM remittances r
    LEFT JOIN journal_entries e ON e.tenant_id = r.tenant_id AND e.source_type = 'remittance'
     AND e.source_id = r.id::text AND e.kind = 'remittance_posted'
    LEFT JOIN journal_lines l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id AND l.account = '1130'
   WHERE r.state = 'posted' AND ($1::timestamptz IS NULL OR r.booked_at >= $1)
   GROUP BY r.tenant_id, r.id, r.amount_minor HAVING coalesce(sum(l.amount_minor), 0) <> r.amount_minor
   LIMIT ${LISTED_MAX}`;

/** Between two statements of an account that do not meet somebody was asked; of two editions only one counts. */
const statementChain = `
  SELECT tenant_id, id::text AS subject FROM (
    SELECT s.*, lag(closing_minor) OVER (PARTITION BY tenant_id, account_id ORDER BY to_on, id) AS closed_with
      FROM bank_statements s
     WHERE kind = 'statement' AND state IN ('balanced', 'accepted')
       AND NOT EXISTS (SELECT FROM exceptions e WHERE e.tenant_id = s.tenant_id AND e.type = 'statement_duplicate'
                          AND e.subject_id = s.id::text)) s
   WHERE opening_minor <> closed_with AND ${whole}
     AND NOT EXISTS (SELECT FROM exceptions e WHERE e.tenant_id = s.tenant_id AND e.type = 'statement_gap'
                        AND e.subject_id = s.id::text)
   LIMIT ${LISTED_MAX}`;

/** Premium that was never written cannot be earned: what a policy has in 2010 is never on the other side. */
const unearnedPremium = `
  SELECT l.tenant_id, l.policy_locator AS subject FROM earned_premiums p
    JOIN journal_lines l ON l.tenant_id = p.tenant_id AND l.policy_locator = p.policy_locator AND l.account = '2010'
   WHERE ${whole} GROUP BY l.tenant_id, l.policy_locator, l.currency HAVING sum(l.amount_minor) > 0
   LIMIT ${LISTED_MAX}`;

/** The trust account, and what is on its way into it. */
const FIDUCIARY = `('1020', '1100', '1110', '1120', '1150')`;
/**
 * An agency holds what it holds for others. Each payment, refund, payout to a party and sweep is of a policy or
 * payment; batches and bank lines are of none and move money within the trust only: what is left there went out for
 * nobody.
 */
const trustFloat = `
  SELECT tenant_id, coalesce(holder, currency) AS subject FROM (
    SELECT l.tenant_id, coalesce(l.policy_locator, l.payment_locator) AS holder, l.currency::text, l.amount_minor
      FROM ledger_settings s JOIN journal_lines l ON l.tenant_id = s.tenant_id AND l.account IN ${FIDUCIARY}
     WHERE s.rule_set = 'agency_bill' AND ${whole}) held
   GROUP BY tenant_id, holder, currency
  HAVING CASE WHEN holder IS NULL THEN sum(amount_minor) <> 0 ELSE sum(amount_minor) < 0 END LIMIT ${LISTED_MAX}`;

export const pathChecks = [
  { id: 'roll_ups', title: 'Balances rolled up are the sums of their lines', sql: rollUps },
  { id: 'sealed_whole', title: 'Every entry up to the last seal is sealed', sql: sealedWhole },
  { id: 'payment_path', title: 'Each payment is in one payout, or somebody is asked about it', sql: paymentPath },
  { id: 'match_balance', title: 'The sides of a match are its own and come to what it says', sql: matchBalance },
  { id: 'payout_cleared', title: 'A payout is in transit until the bank has shown it', sql: payoutCleared },
  { id: 'remittance_cash', title: 'An 835 brought into clearing what it says was paid', sql: remittanceCash },
  { id: 'statement_chain', title: 'Statements of an account meet, or somebody is asked', sql: statementChain },
  { id: 'unearned_premium', title: 'No policy has earned more than was written', sql: unearnedPremium },
  { id: 'trust_float', title: 'An agency holds what it holds for others', sql: trustFloat },
] as const satisfies readonly Check[];
