import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/**
 * What is billed and waits for its due date stands in a queue of its own, and no longer in two partial indexes of
 * `instalments`: to announce one is then no change of an indexed column, so that Postgres writes the new row beside the
 * old one (HOT) and touches none of the six indexes. That was a quarter of the sweep's time.
 */
export class QueueAnnouncements1796916000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const owed = (row: string) => `${row}.state IN ('billed', 'partially_paid')`;

const statements = [
  `CREATE TABLE announcement_queue (
     tenant_id uuid NOT NULL,
     due_at timestamptz NOT NULL,
     id uuid NOT NULL,
     policy_locator uuid NOT NULL,
     schedule_id uuid NOT NULL,
     CONSTRAINT announcement_queue_pk PRIMARY KEY (tenant_id, due_at, id)
   )`,
  // Tells that there is nothing to do.
  `CREATE INDEX announcement_queue_due ON announcement_queue (due_at)`,
  ...tenantTable('billing', 'announcement_queue', {
    app: 'SELECT, INSERT, DELETE',
    worker: 'SELECT, INSERT, DELETE',
  }),
  `INSERT INTO announcement_queue
   SELECT tenant_id, due_at, id, policy_locator, schedule_id FROM instalments i
    WHERE announced_at IS NULL AND ${owed('i')}`,
  // Whoever bills one, is paid, or takes a payment back: none can forget it. Who announces takes it out himself.
  `CREATE FUNCTION queue_announcement() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     IF ${owed('NEW')} THEN
       INSERT INTO announcement_queue VALUES
         (NEW.tenant_id, NEW.due_at, NEW.id, NEW.policy_locator, NEW.schedule_id);
     ELSE
       DELETE FROM announcement_queue
        WHERE tenant_id = NEW.tenant_id AND due_at = NEW.due_at AND id = NEW.id;
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER instalments_queue_announcement AFTER UPDATE OF state ON instalments FOR EACH ROW
     WHEN (NEW.announced_at IS NULL AND (${owed('OLD')}) <> (${owed('NEW')})) EXECUTE FUNCTION queue_announcement()`,
  `DROP INDEX instalments_to_announce`,
  `DROP INDEX instalments_to_announce_of_tenant`,
  // Room on each page for the rows that are written beside their old ones.
  `ALTER TABLE instalments SET (fillfactor = 85)`,
];
