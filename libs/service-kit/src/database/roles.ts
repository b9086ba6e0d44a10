import pg from 'pg';

export interface RoleOptions {
  schema: string;
  passwords: { app: string; worker: string };
}

/**
 * Creates a service's three roles and its schema; run again it only sets passwords and settings anew.
 *
 * - `<service>_owner` cannot log in and owns the schema: only migrations take it
 * - `<service>_app` serves HTTP, `<service>_worker` the rest: neither owns anything, bypasses row-level security or
 *   sees another service's schema
 */
export async function createRoles(adminUrl: string, service: string, options: RoleOptions): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const quote = (value: string) => client.escapeLiteral(value);
  const { schema, passwords } = options;
  const [owner, app, worker] = [`${service}_owner`, `${service}_app`, `${service}_worker`];
  try {
    // Two starts at once would both find the role missing.
    await client.query(`SELECT pg_advisory_lock(hashtext('quittance.roles'))`);
    const existing = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = ANY($1)', [
      [owner, app, worker],
    ]);
    const missing = (role: string) => !existing.rows.some((row) => row.rolname === role);
    if (missing(owner)) await client.query(`CREATE ROLE ${owner} NOLOGIN`);
    if (missing(app)) await client.query(`CREATE ROLE ${app} LOGIN`);
    if (missing(worker)) await client.query(`CREATE ROLE ${worker} LOGIN`);
    await client.query(`GRANT ${owner} TO CURRENT_USER`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${owner}`);
    await client.query(`REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC`);
    await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${app}, ${worker}`);
    for (const [role, password] of [
      [app, passwords.app],
      [worker, passwords.worker],
    ] as const) {
      await client.query(
        `ALTER ROLE ${role} PASSWORD ${quote(password)} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE`,
      );
      await client.query(`ALTER ROLE ${role} SET search_path = ${schema}`);
      await client.query(`ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '10s'`);
      // What is worked on lies in memory or on flash. By the default, which is for disks that turn, a batch of whole
      // keys is looked up by reading the whole table.
      await client.query(`ALTER ROLE ${role} SET random_page_cost = 1.1`);
      // A batch of keys looks dear to the planner and takes milliseconds: to compile it each time takes longer.
      await client.query(`ALTER ROLE ${role} SET jit = off`);
    }
    await client.query(`ALTER ROLE ${app} SET statement_timeout = '5s'`);
    await client.query(`ALTER ROLE ${worker} SET statement_timeout = '30s'`);
    // The relay's claim skips what is older than a minute: no transaction may hold a row back for longer than that.
    const version = await client.query<{ n: number }>(`SELECT current_setting('server_version_num')::int AS n`);
    if ((version.rows[0]?.n ?? 0) >= 170_000) {
      for (const role of [app, worker]) await client.query(`ALTER ROLE ${role} SET transaction_timeout = '50s'`);
    }
  } finally {
    await client.end();
  }
}
