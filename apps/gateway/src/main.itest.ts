import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { eventually } from '@quittance/testing/eventually';
import { signedHeaders } from '@quittance/testing/partner-api';
import { newClientSecret } from './credentials/credential.ts';
import {
  API_SECRETS_KEY,
  credentialsOf,
  gatewayEnv,
  newPartner,
  PEPPER,
  seedTenants,
  Upstream,
} from './gateway.fixture.ts';
import { migrations } from './migrations/all.ts';

const root = new URL('../../../', import.meta.url).pathname;
const tenant = newPartner();
let database: TestDatabase;
let upstream: Upstream;
let child: ChildProcess;
let output = '';

beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, tenant);
  child = launch({ ...gatewayEnv(database.appUrl, upstream.url), LOG_LEVEL: 'trace' });
});

afterAll(async () => {
  child?.kill('SIGKILL');
  await Promise.all([upstream?.stop(), database?.drop()]);
});

function launch(env: Record<string, string>): ChildProcess {
  const args = ['--conditions=@quittance/source', '--import', `${root}tools/ts.mjs`, `${root}apps/gateway/src/main.ts`];
  const started = spawn(process.execPath, args, { env: { PATH: process.env['PATH'], ...env } });
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return started;
}

describe('the process', () => {
  it('serves, logs every request, and logs no secret, token or pepper, even at level trace', async () => {
    const url = await eventually(() => /"url":"([^"]+)"/.exec(output)?.[1], { timeoutMs: 20_000 });
    const wrong = newClientSecret('test');
    const form = { grant_type: 'client_credentials', client_id: tenant.clientId, client_secret: tenant.clientSecret };
    const token = await fetch(`${url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token } = (await token.json()) as { access_token: string };
    const statuses = [
      await fetch(`${url}/payments`, { headers: credentialsOf(tenant) }),
      await fetch(`${url}/payments`, { headers: { authorization: `Bearer ${access_token}` } }),
      await fetch(`${url}/payments`, { headers: { ...credentialsOf(tenant), 'x-client-secret': wrong } }),
      await fetch(`${url}/payments?client_secret=${tenant.clientSecret}`, { headers: credentialsOf(tenant) }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 401, 200]);
    const signed = { method: 'POST', url: `${url}/x/partners/ACME/quotes/` };
    const signature = signedHeaders(tenant, signed);
    expect((await fetch(signed.url, { method: 'POST', headers: signature })).status).toBe(200);
    const changed = { ...signature, authorization: signature['authorization']!.replace(/.{9}"$/, 'AAAAAAAAA"') };
    expect((await fetch(signed.url, { method: 'POST', headers: changed })).status).toBe(401);
    const internal = upstream.last.headers.authorization!.replace('Bearer ', '');
    await eventually(() => output.match(/"route":"\/payments"/g)?.length === 4);
    await eventually(() => output.match(/"route":"\/x\/partners/g)?.length === 2);
    const sealing = API_SECRETS_KEY.slice(2);
    const proof = signature['authorization']!.slice(-40, -10);
    for (const secret of [
      tenant.clientSecret,
      tenant.apiSecret,
      wrong,
      access_token,
      internal,
      PEPPER.slice(5),
      sealing,
      proof,
    ]) {
      expect(output).not.toContain(secret);
    }
    expect(output).toContain(`"client":"${tenant.clientId}"`);
  });

  it('ends with 0 on SIGTERM', async () => {
    const code = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await code).toBe(0);
  });

  it('names every fault of its configuration at once, and no value', async () => {
    output = '';
    const faulty = launch({
      ENVIRONMENT: 'development',
      SIGNING_KEY: '{"d":"very-private"}',
      CREDENTIAL_PEPPER: 'short',
      API_SECRETS_KEY: '1:very-private-too',
    });
    const code = await new Promise((resolve) => faulty.once('exit', resolve));
    expect(code).toBe(78);
    for (const name of ['SIGNING_KEY', 'CREDENTIAL_PEPPER', 'API_SECRETS_KEY', 'PAYMENTS_URL', 'DATABASE_APP_URL'])
      expect(output).toContain(name);
    expect(output).not.toContain('very-private');
  });
});
