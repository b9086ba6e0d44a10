import { text } from 'node:stream/consumers';
import type { ApiCredentials } from './api-keys/api-keys.service.ts';
import { asWorker, withApiKeys, withClients } from './commands.ts';
import { isApiKey, isApiSecret, isClientId, isClientSecret, isPartnerId } from './credentials/credential.ts';
import { PARTNER_SCOPES, scopes } from './routes.ts';
import { algorithms } from './signatures/profile.ts';
import type { Profile } from './signatures/profile.ts';

export interface SeedTenant extends Partial<ApiCredentials> {
  id: string;
  name: string;
  currency: string;
  clientId: string;
  clientSecret: string;
  scopes?: string[];
  /** The partner that the API key speaks for, where there is one. */
  partnerId?: string;
  /** Of the API key; `xcover-compat` when absent: it takes a client of the vendor's document, and the strict one. */
  profile?: Profile;
}

export interface SeedInput {
  pepper: string;
  /** Needed where a tenant has an API key. */
  apiSecretsKey?: string;
  /** Either the login of `gateway_worker`, or one that may take that role. */
  workerUrl?: string;
  adminUrl?: string;
  tenants: SeedTenant[];
}

/**
 * Makes tenants, clients and partners' keys be as given: run again, it changes what differs. For development: the
 * secrets come in as text.
 */
export async function seed(input: SeedInput, environment: string | undefined): Promise<void> {
  if (environment !== 'development')
    throw new Error('demo tenants exist in development only: set ENVIRONMENT=development');
  const workerUrl = input.workerUrl ?? (input.adminUrl === undefined ? undefined : asWorker(input.adminUrl));
  if (workerUrl === undefined) throw new Error('workerUrl or adminUrl is missing');
  for (const tenant of input.tenants) check(tenant);
  await withClients({ workerUrl, pepper: input.pepper }, async (clients) => {
    for (const tenant of input.tenants) {
      await clients.putTenant(tenant);
      const { id: tenantId, name, clientId, clientSecret } = tenant;
      await clients.put({ tenantId, name, clientId, clientSecret, scopes: tenant.scopes ?? scopes });
    }
  });
  if (input.apiSecretsKey !== undefined) await seedApiKeys(input.tenants, workerUrl, input.apiSecretsKey);
}

async function seedApiKeys(tenants: readonly SeedTenant[], workerUrl: string, apiSecretsKey: string): Promise<void> {
  await withApiKeys({ workerUrl, apiSecretsKey }, async (keys) => {
    for (const { id: tenantId, partnerId, apiKey, apiSecret, profile = 'xcover-compat' } of tenants) {
      if (partnerId === undefined || apiKey === undefined || apiSecret === undefined) continue;
      await keys.put({ tenantId, partnerId, apiKey, apiSecret, profile, algorithms, scopes: PARTNER_SCOPES });
    }
  });
}

function check({ name, clientId, clientSecret, partnerId, apiKey, apiSecret }: SeedTenant): void {
  if (!isClientId(clientId)) throw new Error(`the client id of ${name} is not one: ci_<env>_<22 base62>`);
  if (!isClientSecret(clientSecret))
    throw new Error(`the client secret of ${name} is not one, or its checksum is wrong`);
  if (partnerId !== undefined && !isPartnerId(partnerId)) throw new Error(`the partner id of ${name} is not one`);
  if (apiKey !== undefined && !isApiKey(apiKey))
    throw new Error(`the API key of ${name} is not one: ak_<env>_<22 base62>`);
  if (apiSecret !== undefined && !isApiSecret(apiSecret))
    throw new Error(`the API secret of ${name} is not one, or its checksum is wrong`);
}

if (import.meta.main) {
  await seed(JSON.parse(await text(process.stdin)) as SeedInput, process.env['ENVIRONMENT']);
}
