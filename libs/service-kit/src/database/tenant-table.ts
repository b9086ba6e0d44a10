export interface TableGrants {
  app?: string;
  worker?: string;
}

const TENANT = `nullif(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * Row-level security for a table with a `tenant_id`, for a migration.
 * The app role sees the one tenant of its transaction; the worker role every tenant, by a policy that names it.
 * FORCE makes the policies hold for the table's owner too; without a tenant set the app role sees no row at all.
 */
export function tenantTable(service: string, table: string, grants: TableGrants = {}): string[] {
  const { app = 'SELECT, INSERT, UPDATE', worker = 'SELECT, INSERT, UPDATE, DELETE' } = grants;
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY ${table}_app ON ${table} TO ${service}_app
       USING (tenant_id = ${TENANT}) WITH CHECK (tenant_id = ${TENANT})`,
    `CREATE POLICY ${table}_worker ON ${table} TO ${service}_worker USING (true) WITH CHECK (true)`,
    ...(app ? [`GRANT ${app} ON ${table} TO ${service}_app`] : []),
    ...(worker ? [`GRANT ${worker} ON ${table} TO ${service}_worker`] : []),
  ];
}
