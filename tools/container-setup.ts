// For `docker compose up`: makes up the secrets that cannot be a constant in the compose file, once, in a volume.
//   node tools/container-setup.ts /run/quittance
// writes gateway.env and webhooks.env for `node --env-file`, seed.json for the gateway's seed, and prints the tenants.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoTenants } from './demo-tenants.ts';
import { keptSecrets } from './secrets.mjs';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node tools/container-setup.ts FOLDER');

const { signingKey, credentialPepper, secretsKey, tenants } = await keptSecrets(join(folder, 'secrets.json'), {
  natsUsers: [],
  makeTenants: demoTenants,
});
const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
write('gateway.env', `SIGNING_KEY='${JSON.stringify(signingKey)}'\nCREDENTIAL_PEPPER='${credentialPepper}'\n`);
write('webhooks.env', `SECRETS_KEY='${secretsKey}'\n`);
write(
  'seed.json',
  JSON.stringify({ tenants, pepper: credentialPepper, workerUrl: process.env['DATABASE_WORKER_URL'] }),
);
for (const { name, id, currency, clientId, clientSecret } of tenants)
  console.log(`tenant ${name} ${id} (${currency})  X-Client-ID: ${clientId}  X-Client-Secret: ${clientSecret}`);
