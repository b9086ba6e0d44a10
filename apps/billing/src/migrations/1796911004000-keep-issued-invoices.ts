import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An invoice that was issued is a document: what it says is never edited, by whoever has the database. What is paid and
 * written off of it, its state, and a due date that moves later when a payment is taken back, are not on it.
 *
 * The triggers are of the columns that no statement of ours sets: a payment costs no check. That the items add up is
 * looked at once for all invoices that a statement writes.
 */
export class KeepIssuedInvoices1796911004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE FUNCTION refuse_edit_of_issued() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     RAISE EXCEPTION 'what was issued is not edited: %', TG_TABLE_NAME
       USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
   END $$`,
  `CREATE TRIGGER invoices_kept_as_issued BEFORE UPDATE OF tenant_id, id, number, type, policy_locator, subscription_id,
     instalment_id, currency, issued_on, original_due_on, total_minor ON invoices
     FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_edit_of_issued()`,
  `CREATE TRIGGER invoice_items_kept_as_issued BEFORE UPDATE OF tenant_id, invoice_id, item_no, charge_id, category,
     code, amount_minor ON invoice_items FOR EACH ROW EXECUTE FUNCTION refuse_edit_of_issued()`,
  `CREATE TRIGGER invoices_kept BEFORE DELETE ON invoices
     FOR EACH ROW EXECUTE FUNCTION refuse_edit_of_issued()`,
  `CREATE TRIGGER invoice_items_kept BEFORE DELETE ON invoice_items
     FOR EACH ROW EXECUTE FUNCTION refuse_edit_of_issued()`,
  `ALTER TABLE invoices ADD CONSTRAINT invoices_due_never_earlier CHECK (due_on >= original_due_on)`,

  // All items of an invoice are one statement's, the first of them among those: whatever comes later is one too many.
  `CREATE FUNCTION check_item_sums() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE wrong uuid;
   BEGIN
     SELECT a.invoice_id INTO wrong
       FROM (SELECT tenant_id, invoice_id, sum(amount_minor) AS total, min(item_no) AS first
               FROM added GROUP BY 1, 2) a
      CROSS JOIN LATERAL (
       SELECT v.total_minor FROM invoices v WHERE v.tenant_id = a.tenant_id AND v.id = a.invoice_id OFFSET 0) v
      WHERE (a.total, a.first) <> (v.total_minor, 1) LIMIT 1;
     IF FOUND THEN
       RAISE EXCEPTION 'invoice %: its items do not add up to it', wrong
         USING ERRCODE = 'check_violation', CONSTRAINT = 'invoices_sum_of_items';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER invoice_items_sum AFTER INSERT ON invoice_items REFERENCING NEW TABLE AS added
     FOR EACH STATEMENT EXECUTE FUNCTION check_item_sums()`,
];
