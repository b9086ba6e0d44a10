import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { serviceEnvironment } from '@quittance/testing/service';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { EXIT_CONFIG } from './config/load-config.ts';
import { createKitTables } from './database/kit-tables.ts';

class CreateKit1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of createKitTables('payments')) await runner.query(sql);
  }

  async down(): Promise<void> {}
}

/** The smallest service there is. */
const main = `
  import { startService } from '@quittance/service-kit/bootstrap';
  import { loadConfig } from '@quittance/service-kit/config/load-config';
  import { ServiceConfig } from '@quittance/service-kit/config/service-config';
  import { kitModule } from '@quittance/service-kit/kit.module';
  class Toy {}
  const config = loadConfig(ServiceConfig);
  const module = { module: Toy, imports: [kitModule({ name: 'payments', config })] };
  await startService({ name: 'payments', module, config });
`;

let database: TestDatabase;
let nats: TestNats;

beforeAll(async () => {
  [database, nats] = await Promise.all([createTestDatabase('payments', [CreateKit1790000000000]), startTestNats()]);
});

afterAll(() => Promise.all([database.drop(), nats.stop()]));

function environment(): Record<string, string> {
  const jwksUrl = 'http://127.0.0.1:1/jwks.json';
  return { ...serviceEnvironment({ database, natsUrl: nats.urls.payments, jwksUrl }), LOG_LEVEL: 'info' };
}

function startProcess(env: Record<string, string>) {
  const at = fileURLToPath(new URL('..', import.meta.url));
  const args = ['--conditions=@quittance/source', '--import', '../../tools/ts.mjs', '--input-type=module', '-e', main];
  const child = spawn(process.execPath, args, { cwd: at, env: { PATH: process.env['PATH'], ...env } });
  let output = '';
  const isUp = new Promise<void>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('payments is up')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, isUp, ended, output: () => output };
}

it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, with nothing left open', async (signal) => {
  const { child, isUp, ended, output } = startProcess(environment());
  await isUp;
  child.kill(signal);
  expect(await ended).toBe(0);
  expect(output()).toContain('"msg":"draining"');
  expect(output()).not.toContain('trouble while stopping');
});

it('ends with 78 and names what is wrong when the configuration is', async () => {
  const { ended, output } = startProcess({ ...environment(), PORT: 'x', ENVIRONMENT: 'production' });
  expect(await ended).toBe(EXIT_CONFIG);
  expect(output()).toContain('PORT: must be a number');
});

it('ends with 1 and no secret on the screen when the database is not there', async () => {
  const url = 'postgres://payments_app:CANARY@127.0.0.1:1/none';
  const { ended, output } = startProcess({ ...environment(), DATABASE_APP_URL: url });
  expect(await ended).toBe(1);
  expect(output()).toContain('payments does not start');
  expect(output()).not.toContain('CANARY');
});
