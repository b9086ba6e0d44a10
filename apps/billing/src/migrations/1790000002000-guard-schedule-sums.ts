import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The last line of defence for the two sums that must never be off by a cent: the instalments of a live schedule add
 * up to its total, and the lines of an instalment to its amount. Checked at commit: a schedule is written in parts.
 */
export class GuardScheduleSums1790000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE FUNCTION assert_schedule_sum(tenant uuid, schedule uuid) RETURNS void
   LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE expected bigint; actual bigint;
   BEGIN
     SELECT total_minor INTO expected FROM schedules s
      WHERE s.tenant_id = tenant AND s.id = schedule AND s.state IN ('active', 'on_hold', 'completed');
     IF expected IS NULL THEN RETURN; END IF;
     SELECT coalesce(sum(i.amount_minor), 0) INTO actual FROM instalments i
      WHERE i.tenant_id = tenant AND i.schedule_id = schedule AND i.state NOT IN ('cancelled', 'superseded');
     IF actual <> expected THEN
       RAISE EXCEPTION 'schedule %: instalments add up to %, not to %', schedule, actual, expected
         USING ERRCODE = 'check_violation', CONSTRAINT = 'schedules_sum_of_instalments';
     END IF;
   END $$`,

  `CREATE FUNCTION assert_line_sum(tenant uuid, instalment uuid) RETURNS void
   LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE expected bigint; actual bigint;
   BEGIN
     SELECT amount_minor INTO expected FROM instalments i WHERE i.tenant_id = tenant AND i.id = instalment;
     SELECT coalesce(sum(l.amount_minor), 0) INTO actual FROM instalment_lines l
      WHERE l.tenant_id = tenant AND l.instalment_id = instalment;
     IF actual <> expected THEN
       RAISE EXCEPTION 'instalment %: its lines add up to %, not to %', instalment, actual, expected
         USING ERRCODE = 'check_violation', CONSTRAINT = 'instalments_sum_of_lines';
     END IF;
   END $$`,

  `CREATE FUNCTION check_schedule_sum() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM assert_schedule_sum(NEW.tenant_id, NEW.id);
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER schedules_sum_written AFTER INSERT ON schedules
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_schedule_sum()`,
  // Every payment writes its schedule: only a change that can move a sum costs a check, here and below.
  `CREATE CONSTRAINT TRIGGER schedules_sum_changed AFTER UPDATE ON schedules
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
     WHEN (OLD.total_minor <> NEW.total_minor OR OLD.state <> NEW.state) EXECUTE FUNCTION check_schedule_sum()`,

  `CREATE FUNCTION check_instalment_sums() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     IF TG_OP <> 'DELETE' THEN
       PERFORM assert_schedule_sum(NEW.tenant_id, NEW.schedule_id);
       PERFORM assert_line_sum(NEW.tenant_id, NEW.id);
     END IF;
     IF TG_OP <> 'INSERT' THEN PERFORM assert_schedule_sum(OLD.tenant_id, OLD.schedule_id); END IF;
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER instalments_sums_written AFTER INSERT OR DELETE ON instalments
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_instalment_sums()`,
  `CREATE CONSTRAINT TRIGGER instalments_sums_changed AFTER UPDATE ON instalments
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
     WHEN (OLD.amount_minor <> NEW.amount_minor OR OLD.schedule_id <> NEW.schedule_id
       OR (OLD.state IN ('cancelled', 'superseded')) <> (NEW.state IN ('cancelled', 'superseded')))
     EXECUTE FUNCTION check_instalment_sums()`,

  `CREATE FUNCTION check_line_sum() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     IF TG_OP <> 'DELETE' THEN PERFORM assert_line_sum(NEW.tenant_id, NEW.instalment_id); END IF;
     IF TG_OP <> 'INSERT' THEN PERFORM assert_line_sum(OLD.tenant_id, OLD.instalment_id); END IF;
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER instalment_lines_sum AFTER INSERT OR UPDATE OR DELETE ON instalment_lines
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_line_sum()`,
];
