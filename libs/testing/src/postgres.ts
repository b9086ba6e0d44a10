// Databases for integration tests: a template with a service's roles, schema and migrations is made once a run, and
// every test file clones it (a file copy, about 50 ms), so that files run in parallel and none sees another's rows.
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '@quittance/service-kit/database/migrate';
import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { createRoles } from '@quittance/service-kit/database/roles';
import { services } from '../../../tools/services.mjs';
import { fromSetup } from './environment.ts';

export interface TestDatabase {
  /** The login of `<service>_app`: row-level security, one tenant a transaction. */
  appUrl: string;
  /** The login of `<service>_worker`. */
  workerUrl: string;
  /** The administrator's, for assertions that must see everything. Its search_path is the service's schema. */
  adminUrl: string;
  drop(): Promise<void>;
}

/** Reused over many runs of one server, so it cannot be a new random word for each. */
const ROLE_PASSWORD = 'throwaway';

const schemaOf = (service: string): string => services.find(({ name }) => name === service)?.schema ?? service;

/** A fresh, migrated database for one test file: `beforeAll(async () => (database = await createTestDatabase(…)))`. */
export async function createTestDatabase(
  service: string,
  migrations: readonly MigrationClass[],
): Promise<TestDatabase> {
  const template = `template_${service}_${fromSetup('TEST_RUN_ID')}_${fingerprint(migrations)}`;
  const name = `${service}_${randomBytes(5).toString('hex')}`;
  await asAdministrator(async (client) => {
    await ensureTemplate(client, { template, service, migrations });
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const schema = schemaOf(service);
  return {
    appUrl: databaseUrl(name, `${service}_app`),
    workerUrl: databaseUrl(name, `${service}_worker`),
    adminUrl: `${databaseUrl(name)}?options=${encodeURIComponent(`-c search_path=${schema},public`)}`,
    drop: () => dropDatabase(name),
  };
}

/** An empty database without roles or schemas, for tests of migrations and of the stack as a whole. */
export async function createEmptyDatabase(): Promise<{ adminUrl: string; drop(): Promise<void> }> {
  const name = `empty_${randomBytes(5).toString('hex')}`;
  await asAdministrator((client) => client.query(`CREATE DATABASE ${name}`));
  return { adminUrl: databaseUrl(name), drop: () => dropDatabase(name) };
}

/** Files that give one service different migrations, a toy's and its own, must not get each other's template. */
function fingerprint(migrations: readonly MigrationClass[]): string {
  const hash = createHash('sha256');
  for (const migration of migrations) hash.update(`${migration.name}\n${String(migration)}\n`);
  return hash.digest('hex').slice(0, 8);
}

interface Template {
  template: string;
  service: string;
  migrations: readonly MigrationClass[];
}

/** Made under another name and renamed when it is whole: a template that exists is complete. */
async function ensureTemplate(client: pg.Client, { template, service, migrations }: Template): Promise<void> {
  // roles belong to the whole server, so one lock for all services
  await client.query(`SELECT pg_advisory_lock(hashtext('quittance.test.template'))`);
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount) return;
    const unfinished = `${template}_unfinished`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished}`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    const adminUrl = databaseUrl(unfinished);
    const schema = schemaOf(service);
    await createRoles(adminUrl, service, { schema, passwords: { app: ROLE_PASSWORD, worker: ROLE_PASSWORD } });
    await migrate({ service, schema, adminUrl, migrations });
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
  } finally {
    await client.query(`SELECT pg_advisory_unlock(hashtext('quittance.test.template'))`);
  }
}

/** Postgres waits five seconds for those who are closing: a client that is struck while it closes fails its test. */
const dropDatabase = (name: string): Promise<void> =>
  asAdministrator(async (client) => {
    await client
      .query(`DROP DATABASE IF EXISTS ${name}`)
      .catch(() => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  });

function databaseUrl(name: string, role?: string): string {
  const url = new URL(fromSetup('TEST_PG_ADMIN_URL'));
  url.pathname = `/${name}`;
  if (role) {
    url.username = role;
    url.password = ROLE_PASSWORD;
  }
  return url.href;
}

async function asAdministrator<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: fromSetup('TEST_PG_ADMIN_URL') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
