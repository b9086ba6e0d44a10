import pg from 'pg';
import { DataSource } from 'typeorm';
import type { MigrationInterface } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

export interface MigrateOptions {
  service: string;
  schema: string;
  /** A login that may `SET ROLE <service>_owner`. */
  adminUrl: string;
  migrations: readonly MigrationClass[];
}

/**
 * Applies the service's migrations that are not applied yet, all in one transaction, as `<service>_owner`.
 * An explicit command before a rollout, never a part of a service's start. Two at once wait for each other.
 * @returns the names of the migrations applied now
 */
export async function migrate({ service, schema, adminUrl, migrations }: MigrateOptions): Promise<string[]> {
  const lock = new pg.Client({ connectionString: adminUrl });
  await lock.connect();
  const source = new DataSource({
    type: 'postgres',
    url: adminUrl,
    schema,
    applicationName: `${service}-migrate`,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    installExtensions: false,
    extra: { max: 1, options: `-c role=${service}_owner -c search_path=${schema}` },
  });
  try {
    await lock.query(`SELECT pg_advisory_lock(hashtext($1))`, [`quittance.migrate.${service}`]);
    await source.initialize();
    const applied = await source.runMigrations({ transaction: 'all' });
    return applied.map(({ name }) => name);
  } finally {
    if (source.isInitialized) await source.destroy();
    await lock.end();
  }
}
