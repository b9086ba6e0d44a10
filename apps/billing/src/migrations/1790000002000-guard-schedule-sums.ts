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
  `CREATE FUNCTION assert_schedule_sums(tenant uuid, schedule uuid) RETURNS void
   LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE expected bigint; actual bigint; uneven uuid;
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
     SELECT i.id INTO uneven FROM instalments i
       LEFT JOIN instalment_lines l ON l.tenant_id = i.tenant_id AND l.instalment_id = i.id
      WHERE i.tenant_id = tenant AND i.schedule_id = schedule
      GROUP BY i.id, i.amount_minor HAVING coalesce(sum(l.amount_minor), 0) <> i.amount_minor LIMIT 1;
     IF uneven IS NOT NULL THEN
       RAISE EXCEPTION 'instalment %: its lines do not add up to its amount', uneven
         USING ERRCODE = 'check_violation', CONSTRAINT = 'instalments_sum_of_lines';
     END IF;
   END $$`,

  `CREATE FUNCTION check_schedule_sums() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM assert_schedule_sums(NEW.tenant_id, NEW.id);
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER schedules_sums AFTER INSERT OR UPDATE OF total_minor, state ON schedules
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_schedule_sums()`,

  `CREATE FUNCTION check_instalment_sums() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE changed instalments%ROWTYPE;
   BEGIN
     IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
     PERFORM assert_schedule_sums(changed.tenant_id, changed.schedule_id);
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER instalments_sums_written AFTER INSERT OR DELETE ON instalments
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_instalment_sums()`,
  // Being billed and paid, the everyday changes, move no sum and cost no check.
  `CREATE CONSTRAINT TRIGGER instalments_sums_changed AFTER UPDATE ON instalments
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
     WHEN (OLD.amount_minor <> NEW.amount_minor OR OLD.schedule_id <> NEW.schedule_id
       OR (OLD.state IN ('cancelled', 'superseded')) <> (NEW.state IN ('cancelled', 'superseded')))
     EXECUTE FUNCTION check_instalment_sums()`,

  `CREATE FUNCTION check_line_sums() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE changed instalment_lines%ROWTYPE; schedule uuid;
   BEGIN
     IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
     SELECT i.schedule_id INTO schedule FROM instalments i
      WHERE i.tenant_id = changed.tenant_id AND i.id = changed.instalment_id;
     PERFORM assert_schedule_sums(changed.tenant_id, schedule);
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER instalment_lines_sums AFTER INSERT OR UPDATE OR DELETE ON instalment_lines
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_line_sums()`,
];
