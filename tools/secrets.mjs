// The secrets that a development stack makes up and keeps. Plain JS, Node >= 20.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { loginsOf, services } from './services.mjs';

/** A random secret that a production configuration recognises and refuses; safe in a URL and in nats.conf. */
export const developmentSecret = () => `dev-${randomBytes(24).toString('hex')}`;

export const passwordsFor = (names, known = {}) =>
  Object.fromEntries(names.map((name) => [name, known[name] ?? developmentSecret()]));

function signingKey() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const kid = `dev-${randomBytes(8).toString('hex')}`;
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' };
}

/** Tenants that were kept before they had a partner get one; what they have stays as it is. */
async function completed(tenants, makeTenants) {
  if (tenants?.every(({ apiKey }) => apiKey)) return tenants;
  const made = await makeTenants();
  return tenants ? tenants.map((tenant, n) => ({ ...made[n], ...tenant })) : made;
}

/**
 * Made once, kept with mode 0600 beside the data, completed when a user is new. They start with `dev-` where a
 * production configuration could be given them, which it then refuses.
 * @param {string} file
 * @param {{ natsUsers: string[], makeTenants: () => object[] | Promise<object[]> }} parts
 */
export async function keptSecrets(file, { natsUsers, makeTenants }) {
  const known = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  const logins = services.flatMap(({ name }) => loginsOf(name));
  const secrets = {
    nats: passwordsFor(natsUsers, known.nats),
    roles: passwordsFor(logins, known.roles),
    signingKey: known.signingKey ?? signingKey(),
    credentialPepper: known.credentialPepper ?? `dev-1:${randomBytes(24).toString('hex')}`,
    sandboxSecret: known.sandboxSecret ?? developmentSecret(),
    secretsKey: known.secretsKey ?? `dev-${randomBytes(32).toString('base64')}`,
    reconciliationSecretsKey: known.reconciliationSecretsKey ?? `dev-${randomBytes(32).toString('base64')}`,
    apiSecretsKey: known.apiSecretsKey ?? `dev-1:${randomBytes(32).toString('base64')}`,
    tenants: await completed(known.tenants, makeTenants),
  };
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
  return secrets;
}
