import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { appHas } from './apps.ts';
import type { Files } from './generated-files.ts';
import { migrateService, passwordVariable } from './migrate.ts';
import { freePorts } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { root } from './processes.mjs';
import { dumpSchema } from './schema-dump.ts';
import { loginsOf, services } from './services.mjs';

/** `apps/<service>/schema.sql`, from a database that is made, migrated, read and thrown away. */
export async function schemaFiles(): Promise<Files> {
  const present = services.filter(({ name }) => appHas(name, 'migrations/all'));
  mkdirSync(join(root, '.data'), { recursive: true });
  const dir = mkdtempSync(join(root, '.data/generate-'));
  const [port] = (await freePorts(1)) as [number];
  const server = await startPostgres({ dir: join(dir, 'pg'), port, logFile: join(dir, 'postgres.log'), fast: true });
  try {
    const files: Files = {};
    for (const service of present) {
      const passwords = loginsOf(service.name).map((login) => [passwordVariable(login), 'throwaway'] as const);
      await migrateService(service, server.url, Object.fromEntries(passwords));
      files[`apps/${service.name}/schema.sql`] = await dump(server.url, service.schema);
    }
    return files;
  } finally {
    await server.process.stop();
    for (const made of [dir, server.dir]) rmSync(made, { recursive: true, force: true });
  }
}

async function dump(connectionString: string, schema: string): Promise<string> {
  const client = new pg.Client({ connectionString, options: `-c search_path=${schema}` });
  await client.connect();
  try {
    return await dumpSchema(client, schema);
  } finally {
    await client.end();
  }
}
