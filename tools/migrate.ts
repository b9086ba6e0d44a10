// Creates every service's roles and schema and applies its migrations: `node tools/migrate.ts [service…]`.
// DATABASE_ADMIN_URL is a login that may create roles; each role's password is in <SERVICE>_APP_PASSWORD and
// <SERVICE>_WORKER_PASSWORD. Safe to run again, and to run twice at once.
import { createRoles } from '@quittance/service-kit/database/roles';
import { migrate } from '@quittance/service-kit/database/migrate';
import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { loadFromApp } from './apps.ts';
import { loginsOf, services } from './services.mjs';

type Service = (typeof services)[number];

export const passwordVariable = (login: string): string => `${login.toUpperCase()}_PASSWORD`;

export async function migrateService({ name, schema }: Service, adminUrl: string, env: NodeJS.ProcessEnv) {
  const [app, worker] = loginsOf(name).map((login) => env[passwordVariable(login)]);
  if (!app || !worker) throw new Error(`${loginsOf(name).map(passwordVariable).join(' and ')} are required`);
  const { migrations } = await loadFromApp<{ migrations: readonly MigrationClass[] }>(name, 'migrations/all');
  await createRoles(adminUrl, name, { schema, passwords: { app, worker } });
  return migrate({ service: name, schema, adminUrl, migrations });
}

async function main(names: readonly string[]): Promise<void> {
  const adminUrl = process.env['DATABASE_ADMIN_URL'];
  if (!adminUrl) throw new Error('DATABASE_ADMIN_URL is required');
  const unknown = names.filter((name) => !services.some((service) => service.name === name));
  if (unknown.length) throw new Error(`no such service: ${unknown.join(', ')}`);
  const chosen = services.filter(({ name }) => names.length === 0 || names.includes(name));
  const results = await Promise.allSettled(
    chosen.map(async (service) => {
      const applied = await migrateService(service, adminUrl, process.env);
      console.log(`${service.name}: ${applied.length ? applied.join(', ') : 'up to date'}`);
    }),
  );
  const failed = results.flatMap((result, i) =>
    result.status === 'rejected' ? [`${chosen[i]?.name}: ${(result.reason as Error).message}`] : [],
  );
  if (failed.length) throw new Error(failed.join('\n'));
}

if (import.meta.main)
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
