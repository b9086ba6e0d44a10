import pg from 'pg';
import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTestDatabase } from './postgres.ts';
import type { TestDatabase } from './postgres.ts';

export interface ToyDatabase extends TestDatabase {
  /** The two doors of a service, over pools of their own that pg_stat_activity shows as `name`. Closed by `drop`. */
  open(options?: { name?: string; poolMax?: number }): Promise<Database>;
  /** As the administrator, past every policy. */
  sql<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/**
 * A database for tests of the kit itself, with tables of the test's own.
 * @param service a name that no other test file uses: the template behind it is made once a run
 */
export async function createToyDatabase(service: string, statements: readonly string[]): Promise<ToyDatabase> {
  const database = await createTestDatabase(service, [migrationOf(statements)]);
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  const opened: Database[] = [];
  return {
    ...database,
    async open({ name = 'test', poolMax = 5 } = {}) {
      const source = (url: string) =>
        createDataSource({ url, applicationName: name, entities: [], poolMax }).initialize();
      const doors = new Database(await source(database.appUrl), await source(database.workerUrl));
      opened.push(doors);
      return doors;
    },
    sql: async <R extends object>(text: string, values: readonly unknown[] = []) =>
      (await admin.query<R>(text, [...values])).rows,
    async drop() {
      await Promise.all(opened.map((doors) => doors.close()));
      await admin.end();
      await database.drop();
    },
  };
}

function migrationOf(statements: readonly string[]): MigrationClass {
  return class CreateTables1790000000000 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      for (const sql of statements) await runner.query(sql);
    }

    async down(): Promise<void> {}
  };
}
