import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/**
 * Policies change: terms, transactions that charge and give back, schedules that are cut anew, invoices of more than an
 * instalment, and money that is no payment.
 */
export class BillWhateverIsOwed1796900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...policies, ...charges, ...schedules, ...instalments, ...invoices, ...money]) {
      await runner.query(sql);
    }
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

/** The owner's own rows are hidden from it by the forced policies. */
function filled(table: string, ...statements: string[]): string[] {
  return [
    `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`,
    ...statements,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  ];
}

const policies = [
  `ALTER TABLE policies ADD COLUMN version integer NOT NULL DEFAULT 1`,
  `CREATE TABLE policy_terms (
     tenant_id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     number integer NOT NULL CONSTRAINT policy_terms_number_positive CHECK (number > 0),
     effective_date date NOT NULL,
     expiration_date date NOT NULL,
     plan text NOT NULL,
     plan_version integer NOT NULL,
     state text NOT NULL CONSTRAINT policy_terms_state
       CHECK (state IN ('in_force', 'cancel_pending', 'cancelled', 'flat_cancelled', 'expired')),
     cancelled_on date,
     CONSTRAINT policy_terms_pk PRIMARY KEY (tenant_id, policy_locator, number),
     CONSTRAINT policy_terms_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator),
     CONSTRAINT policy_terms_not_empty CHECK (expiration_date > effective_date),
     CONSTRAINT policy_terms_cancelled_within CHECK (cancelled_on BETWEEN effective_date AND expiration_date),
     CONSTRAINT policy_terms_cancelled_has_date
       CHECK ((cancelled_on IS NOT NULL) = (state IN ('cancel_pending', 'cancelled', 'flat_cancelled')))
   )`,
  ...tenantTable('billing', 'policy_terms'),
  ...filled(
    'policies',
    ...filled(
      'policy_terms',
      `INSERT INTO policy_terms (tenant_id, policy_locator, number, effective_date, expiration_date, plan, plan_version,
         state)
       SELECT tenant_id, locator, 1, effective_date, expiration_date, plan, 1, 'in_force' FROM policies`,
    ),
  ),
  `ALTER TABLE policy_transactions
     ADD COLUMN term_number integer NOT NULL DEFAULT 1,
     ADD COLUMN request jsonb NOT NULL DEFAULT '{}',
     ADD COLUMN content_hash bytea,
     ADD COLUMN invalidates uuid,
     DROP CONSTRAINT policy_transactions_type,
     ADD CONSTRAINT policy_transactions_type CHECK (type IN
       ('issue', 'endorsement', 'cancellation', 'reinstatement', 'renewal', 'invalidation', 'plan_change')),
     ADD CONSTRAINT policy_transactions_invalidates FOREIGN KEY (tenant_id, invalidates)
       REFERENCES policy_transactions (tenant_id, id),
     ADD CONSTRAINT policy_transactions_invalidated_once UNIQUE (tenant_id, invalidates)`,
];

const charges = [
  `ALTER TABLE charges
     ADD COLUMN term_number integer NOT NULL DEFAULT 1,
     ADD COLUMN coverage_start date,
     ADD COLUMN coverage_end date,
     -- What was taken out again before it was billed.
     ADD COLUMN voided_minor bigint NOT NULL DEFAULT 0,
     -- The charge that this one gives back, in whole or in part.
     ADD COLUMN offsets_charge_id uuid,
     -- A fee that billing itself assesses belongs to no transaction.
     ALTER COLUMN transaction_id DROP NOT NULL`,
  ...filled(
    'charges',
    ...filled(
      'policies',
      `UPDATE charges c SET coverage_start = p.effective_date, coverage_end = p.expiration_date
         FROM policies p WHERE p.tenant_id = c.tenant_id AND p.locator = c.policy_locator`,
    ),
  ),
  `ALTER TABLE charges
     ALTER COLUMN coverage_start SET NOT NULL,
     ALTER COLUMN coverage_end SET NOT NULL,
     ADD CONSTRAINT charges_coverage_not_backwards CHECK (coverage_end >= coverage_start),
     ADD CONSTRAINT charges_voided_within
       CHECK (voided_minor BETWEEN least(0, amount_minor) AND greatest(0, amount_minor)),
     ADD CONSTRAINT charges_offsets FOREIGN KEY (tenant_id, offsets_charge_id) REFERENCES charges (tenant_id, id)`,
];

const schedules = [
  `ALTER TABLE schedules
     ADD COLUMN term_number integer NOT NULL DEFAULT 1,
     ADD COLUMN plan_version integer NOT NULL DEFAULT 1,
     ADD COLUMN supersedes_id uuid,
     ADD CONSTRAINT schedules_supersedes FOREIGN KEY (tenant_id, supersedes_id) REFERENCES schedules (tenant_id, id)`,
  `DROP INDEX schedules_one_live`,
  `CREATE UNIQUE INDEX schedules_one_live ON schedules (tenant_id, policy_locator, term_number)
     WHERE state IN ('active', 'on_hold')`,
];

const instalments = [
  `ALTER TABLE instalments
     ADD COLUMN source text NOT NULL DEFAULT 'plan' CONSTRAINT instalments_source
       CHECK (source IN ('plan', 'endorsement', 'catch_up', 'final', 'reinstatement')),
     -- From here on its invoice is issued.
     ADD COLUMN generate_at timestamptz,
     -- When its due date was announced; null before.
     ADD COLUMN announced_at timestamptz,
     -- Where a method is charged on another date than the due date.
     ADD COLUMN autopay_on date,
     ADD COLUMN autopay_at timestamptz,
     ADD COLUMN superseded_by uuid,
     DROP CONSTRAINT instalments_number,
     DROP CONSTRAINT instalments_amount_positive,
     ADD CONSTRAINT instalments_amount_not_negative CHECK (amount_minor >= 0),
     ADD CONSTRAINT instalments_autopay_has_instant CHECK ((autopay_on IS NULL) = (autopay_at IS NULL)),
     ADD CONSTRAINT instalments_superseded_by FOREIGN KEY (tenant_id, superseded_by)
       REFERENCES policy_transactions (tenant_id, id)`,
  ...filled(
    'instalments',
    `UPDATE instalments SET generate_at = due_at,
       announced_at = CASE WHEN state IN ('scheduled', 'superseded') THEN NULL ELSE due_at END`,
  ),
  `ALTER TABLE instalments ALTER COLUMN generate_at SET NOT NULL`,
  `CREATE UNIQUE INDEX instalments_number ON instalments (tenant_id, schedule_id, number)
     WHERE state <> 'superseded'`,
  `CREATE INDEX instalments_by_schedule ON instalments (tenant_id, schedule_id)`,
  `CREATE INDEX instalments_by_policy ON instalments (tenant_id, policy_locator)`,
];

const invoices = [
  `ALTER TABLE invoices
     ADD COLUMN subscription_id uuid,
     ALTER COLUMN policy_locator DROP NOT NULL,
     DROP CONSTRAINT invoices_type,
     DROP CONSTRAINT invoices_not_overpaid,
     ADD CONSTRAINT invoices_type CHECK (type IN ('instalment', 'down_payment', 'endorsement', 'fee', 'final',
       'catch_up', 'credit_memo', 'subscription')),
     ADD CONSTRAINT invoices_of_one CHECK (policy_locator IS NOT NULL OR subscription_id IS NOT NULL),
     ADD CONSTRAINT invoices_subscription FOREIGN KEY (tenant_id, subscription_id)
       REFERENCES subscriptions (tenant_id, id),
     -- A credit memo owes nothing: it is settled the moment it is issued.
     ADD CONSTRAINT invoices_not_overpaid CHECK (CASE type
       WHEN 'credit_memo' THEN total_minor < 0 AND balance_minor = 0 AND written_off_minor = 0
       ELSE balance_minor >= 0 AND allocated_minor >= 0 AND written_off_minor >= 0 END)`,
  `CREATE INDEX invoices_by_subscription ON invoices (tenant_id, subscription_id, id)
     WHERE subscription_id IS NOT NULL`,
  `ALTER TABLE invoice_items
     ADD COLUMN written_off_minor bigint NOT NULL DEFAULT 0,
     DROP CONSTRAINT invoice_items_not_overpaid,
     ADD CONSTRAINT invoice_items_not_overpaid CHECK (written_off_minor >= 0
       AND allocated_minor BETWEEN least(0, amount_minor) AND greatest(0, amount_minor - written_off_minor))`,
  `CREATE INDEX invoice_items_by_charge ON invoice_items (tenant_id, charge_id)`,
];

const money = [
  `ALTER TABLE received_payments
     ADD COLUMN kind text NOT NULL DEFAULT 'payment' CONSTRAINT received_payments_kind
       CHECK (kind IN ('payment', 'credit', 'partner')),
     -- Of a credit: where it comes from, whose it is, and what said so.
     ADD COLUMN credit_source text,
     ADD COLUMN policy_locator uuid,
     ADD COLUMN transaction_id uuid,
     ADD COLUMN memo_id uuid,
     ADD COLUMN version integer NOT NULL DEFAULT 0,
     ADD CONSTRAINT received_payments_credit_has_source CHECK ((kind = 'payment') = (credit_source IS NULL)),
     ADD CONSTRAINT received_payments_policy FOREIGN KEY (tenant_id, policy_locator)
       REFERENCES policies (tenant_id, locator),
     ADD CONSTRAINT received_payments_transaction FOREIGN KEY (tenant_id, transaction_id)
       REFERENCES policy_transactions (tenant_id, id),
     ADD CONSTRAINT received_payments_memo FOREIGN KEY (tenant_id, memo_id) REFERENCES invoices (tenant_id, id)`,
  `CREATE INDEX received_payments_by_policy ON received_payments (tenant_id, policy_locator)
     WHERE policy_locator IS NOT NULL`,
];
