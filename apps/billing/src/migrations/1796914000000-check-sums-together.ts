import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The same two sums, looked at once for all rows of a schedule and not once a row: a schedule of twelve was added up
 * thirteen times when it was written, and its lines thirty-six times, which took longer than writing them.
 *
 * What is deferred is looked at when the transaction commits, and nothing changes between two rows that are looked at
 * then: a mark of schedule and moment says what was looked at already. (Only who sends several statements as one, and
 * has constraints checked after each of them, could change something between two looks of one moment.)
 */
export class CheckSumsTogether1796914000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const statements = [
  `CREATE FUNCTION assert_sums_once(tenant uuid, schedule uuid) RETURNS void
   LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE mark text := schedule || ' at ' || statement_timestamp(); wrong record;
   BEGIN
     IF current_setting('quittance.sums_checked', true) = mark THEN RETURN; END IF;
     PERFORM assert_schedule_sum(tenant, schedule);
     SELECT i.id, i.amount_minor, l.actual INTO wrong
       FROM instalments i CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.amount_minor), 0) AS actual FROM instalment_lines l
         WHERE l.tenant_id = i.tenant_id AND l.instalment_id = i.id) l
      WHERE i.tenant_id = tenant AND i.schedule_id = schedule AND i.state <> 'superseded'
        AND i.amount_minor <> l.actual LIMIT 1;
     IF FOUND THEN
       RAISE EXCEPTION 'instalment %: its lines add up to %, not to %', wrong.id, wrong.actual, wrong.amount_minor
         USING ERRCODE = 'check_violation', CONSTRAINT = 'instalments_sum_of_lines';
     END IF;
     PERFORM set_config('quittance.sums_checked', mark, true);
   END $$`,
  `CREATE OR REPLACE FUNCTION check_schedule_sum() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     PERFORM assert_sums_once(NEW.tenant_id, NEW.id);
     RETURN NULL;
   END $$`,
  `CREATE OR REPLACE FUNCTION check_instalment_sums() RETURNS trigger
   LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     IF TG_OP <> 'DELETE' THEN PERFORM assert_sums_once(NEW.tenant_id, NEW.schedule_id); END IF;
     IF TG_OP <> 'INSERT' THEN PERFORM assert_sums_once(OLD.tenant_id, OLD.schedule_id); END IF;
     RETURN NULL;
   END $$`,

  // All lines of an instalment are one statement's, and the instalment is there: whatever comes later is too much.
  `CREATE FUNCTION check_added_lines() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   DECLARE wrong record;
   BEGIN
     SELECT a.instalment_id, i.amount_minor, l.actual INTO wrong
       FROM (SELECT DISTINCT tenant_id, instalment_id FROM added) a
      CROSS JOIN LATERAL (
       SELECT i.amount_minor FROM instalments i WHERE i.tenant_id = a.tenant_id AND i.id = a.instalment_id OFFSET 0) i
      CROSS JOIN LATERAL (
       SELECT sum(l.amount_minor) AS actual FROM instalment_lines l
        WHERE l.tenant_id = a.tenant_id AND l.instalment_id = a.instalment_id) l
      WHERE i.amount_minor <> l.actual LIMIT 1;
     IF FOUND THEN
       RAISE EXCEPTION 'instalment %: its lines add up to %, not to %', wrong.instalment_id, wrong.actual,
         wrong.amount_minor USING ERRCODE = 'check_violation', CONSTRAINT = 'instalments_sum_of_lines';
     END IF;
     RETURN NULL;
   END $$`,
  `DROP TRIGGER instalment_lines_sum ON instalment_lines`,
  `CREATE CONSTRAINT TRIGGER instalment_lines_sum AFTER UPDATE OR DELETE ON instalment_lines
     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_line_sum()`,
  `CREATE TRIGGER instalment_lines_added AFTER INSERT ON instalment_lines REFERENCING NEW TABLE AS added
     FOR EACH STATEMENT EXECUTE FUNCTION check_added_lines()`,
];
