// For `docker compose up`: makes up the secrets that cannot be a constant in the compose file, once, in a volume.
//   node tools/container-setup.ts /run/quittance
// writes gateway.env, webhooks.env and reconciliation.env for `node --env-file`, seed.json for the gateway's seed, and
// prints the tenants.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoTenants } from './demo-tenants.ts';
import { keptSecrets } from './secrets.mjs';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node tools/container-setup.ts FOLDER');

const { signingKey, credentialPepper, apiSecretsKey, secretsKey, reconciliationSecretsKey, tenants } =
  await keptSecrets(join(folder, 'secrets.json'), { natsUsers: [], makeTenants: demoTenants });
const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
const gatewayEnv = {
  SIGNING_KEY: JSON.stringify(signingKey),
  CREDENTIAL_PEPPER: credentialPepper,
  API_SECRETS_KEY: apiSecretsKey,
};
write(
  'gateway.env',
  Object.entries(gatewayEnv)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join(''),
);
write('webhooks.env', `SECRETS_KEY='${secretsKey}'\n`);
write('reconciliation.env', `SECRETS_KEY='${reconciliationSecretsKey}'\n`);
write(
  'seed.json',
  JSON.stringify({ tenants, pepper: credentialPepper, apiSecretsKey, workerUrl: process.env['DATABASE_WORKER_URL'] }),
);
for (const { name, id, currency, clientId, clientSecret, partnerId, apiKey, apiSecret } of tenants) {
  console.log(`tenant ${name} ${id} (${currency})  X-Client-ID: ${clientId}  X-Client-Secret: ${clientSecret}`);
  console.log(`  partner ${partnerId}  X-API-Key: ${apiKey}  secret: ${apiSecret}`);
}
