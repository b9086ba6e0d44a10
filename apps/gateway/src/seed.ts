import { text } from 'node:stream/consumers';
import { asWorker, withClients } from './commands.ts';
import { isClientId, isClientSecret } from './credentials/credential.ts';
import { scopes } from './routes.ts';

export interface SeedTenant {
  id: string;
  name: string;
  currency: string;
  clientId: string;
  clientSecret: string;
  scopes?: string[];
}

export interface SeedInput {
  pepper: string;
  /** Either the login of `gateway_worker`, or one that may take that role. */
  workerUrl?: string;
  adminUrl?: string;
  tenants: SeedTenant[];
}

/**
 * Makes tenants and clients be as given: run again, it changes what differs. For development: the secrets come in as
 * text.
 */
export async function seed(input: SeedInput, environment: string | undefined): Promise<void> {
  if (environment !== 'development')
    throw new Error('demo tenants exist in development only: set ENVIRONMENT=development');
  const workerUrl = input.workerUrl ?? (input.adminUrl === undefined ? undefined : asWorker(input.adminUrl));
  if (workerUrl === undefined) throw new Error('workerUrl or adminUrl is missing');
  for (const { name, clientId, clientSecret } of input.tenants) {
    if (!isClientId(clientId)) throw new Error(`the client id of ${name} is not one: ci_<env>_<22 base62>`);
    if (!isClientSecret(clientSecret))
      throw new Error(`the client secret of ${name} is not one, or its checksum is wrong`);
  }
  await withClients({ workerUrl, pepper: input.pepper }, async (clients) => {
    for (const tenant of input.tenants) {
      await clients.putTenant(tenant);
      const { id: tenantId, name, clientId, clientSecret } = tenant;
      await clients.put({ tenantId, name, clientId, clientSecret, scopes: tenant.scopes ?? scopes });
    }
  });
}

if (import.meta.main) {
  await seed(JSON.parse(await text(process.stdin)) as SeedInput, process.env['ENVIRONMENT']);
}
