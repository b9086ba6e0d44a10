import { mkdirSync, mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@quittance/service-kit/database/migrate';
import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { createRoles } from '@quittance/service-kit/database/roles';
import { startPostgres } from '../../../tools/postgres.mjs';
import { freePorts } from '../../../tools/ports.mjs';
import { root } from '../../../tools/processes.mjs';
import type { TestDatabase } from './postgres.ts';

export interface OwnPostgres extends TestDatabase {
  /** Ends the server without a checkpoint, as a crash of it does, and starts it again on the same port. */
  crash(): Promise<void>;
}

/**
 * A Postgres for one test file alone, with one service's migrated database: for tests that take the database away. A
 * commit is on its way to the disk before it is answered, so a crash of the server loses none. Ready in about two
 * seconds; `drop` ends the server and deletes its data.
 */
export async function startOwnPostgres(service: string, migrations: readonly MigrationClass[]): Promise<OwnPostgres> {
  mkdirSync(join(root, '.data'), { recursive: true });
  const base = mkdtempSync(join(root, '.data/own-pg-'));
  // Postgres may run as another user than this one, and has to get in
  chmodSync(base, 0o755);
  const [port] = (await freePorts(1)) as [number];
  const start = () =>
    startPostgres({
      ...{ dir: join(base, 'pg'), port, logFile: join(base, 'postgres.log'), fast: true },
      set: ['synchronous_commit=on'],
    });
  let server = await start();
  const password = 'throwaway';
  await createRoles(server.url, service, { schema: service, passwords: { app: password, worker: password } });
  await migrate({ service, schema: service, adminUrl: server.url, migrations });
  const as = (role: string): string => {
    const url = new URL(server.url);
    [url.username, url.password] = [role, password];
    return url.href;
  };
  return {
    appUrl: as(`${service}_app`),
    workerUrl: as(`${service}_worker`),
    adminUrl: `${server.url}?options=${encodeURIComponent(`-c search_path=${service},public`)}`,
    async crash() {
      await server.process.stop('SIGQUIT');
      server = await start();
    },
    async drop() {
      await server.process.stop('SIGQUIT');
      rmSync(server.dir, { recursive: true, force: true });
      rmSync(base, { recursive: true, force: true });
    },
  };
}
