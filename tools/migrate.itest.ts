import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePorts } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { root, sourceArgs } from './processes.mjs';
import { databaseUrlFor } from './stack-env.mjs';
import { loginsOf, services } from './services.mjs';

describe('the migrate command', () => {
  let dir: string;
  let server: Awaited<ReturnType<typeof startPostgres>>;
  const passwords = Object.fromEntries(
    services.flatMap(({ name }) => loginsOf(name)).map((login) => [`${login.toUpperCase()}_PASSWORD`, `of-${login}`]),
  );

  beforeAll(async () => {
    mkdirSync(join(root, '.data'), { recursive: true });
    dir = mkdtempSync(join(root, '.data/migrate-'));
    chmodSync(dir, 0o755);
    const [port] = (await freePorts(1)) as [number];
    server = await startPostgres({ dir: join(dir, 'pg'), port, logFile: join(dir, 'postgres.log'), fast: true });
  });

  afterAll(async () => {
    await server.process.stop();
    for (const made of [dir, server.dir]) rmSync(made, { recursive: true, force: true });
  });

  const migrate = async (env: Record<string, string> = passwords, ...names: string[]): Promise<string> => {
    const args = [...sourceArgs, join(root, 'tools/migrate.ts'), ...names];
    const options = { cwd: root, env: { PATH: process.env['PATH'], DATABASE_ADMIN_URL: server.url, ...env } };
    return (await promisify(execFile)(process.execPath, args, options)).stdout;
  };

  it('applies everything once, even when two run at the same time', async () => {
    const [one, two] = await Promise.all([migrate(), migrate()]);
    for (const { name } of services) {
      const lines = [one, two].map((out) => out.split('\n').find((line) => line.startsWith(`${name}: `)));
      expect(lines.filter((line) => line === `${name}: up to date`)).toHaveLength(1);
    }
    expect((await migrate()).trim().split('\n').sort()).toEqual(
      services.map(({ name }) => `${name}: up to date`).sort(),
    );
  });

  it('gives no service a look at the schema of another', async () => {
    await migrate();
    for (const { name, schema } of services) {
      const [, worker] = loginsOf(name);
      const client = new pg.Client({ connectionString: databaseUrlFor(server.url, worker, `of-${worker}`) });
      await client.connect();
      const { rows } = await client.query<{ nspname: string }>(
        `SELECT nspname FROM pg_namespace WHERE nspname = ANY ($1) AND has_schema_privilege(oid, 'USAGE')`,
        [services.map((service) => service.schema)],
      );
      await client.end();
      expect(rows).toEqual([{ nspname: schema }]);
    }
  });

  it('names what is missing or unknown', async () => {
    await expect(migrate({}, 'payments')).rejects.toThrow('PAYMENTS_APP_PASSWORD and PAYMENTS_WORKER_PASSWORD');
    await expect(migrate(passwords, 'ledger')).rejects.toThrow('no such service: ledger');
    await expect(migrate({ DATABASE_ADMIN_URL: '' })).rejects.toThrow('DATABASE_ADMIN_URL is required');
  });
});
