import { readFileSync } from 'node:fs';
import { SignJWT, importJWK } from 'jose';
import type { JWK } from 'jose';
import { Api } from '@quittance/testing/api';
import { stack } from './stack.ts';
import type { Tenant } from './stack.ts';

interface TokenOptions {
  scopes: readonly string[];
  expiresInSeconds: number;
}

/** A token as the gateway would have issued it, signed with its key. */
export async function accessToken(tenant: Tenant, { scopes, expiresInSeconds }: TokenOptions): Promise<string> {
  const { signingKey } = JSON.parse(readFileSync(stack.secretsFile, 'utf8')) as { signingKey: JWK };
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ tenant: tenant.id, currency: tenant.currency, scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: signingKey.kid ?? '' })
    .setIssuer('quittance')
    .setAudience('quittance')
    .setSubject(tenant.clientId)
    .setIssuedAt(now - 600)
    .setExpirationTime(now + expiresInSeconds)
    .sign(await importJWK(signingKey, 'EdDSA'));
}

/** A token issued for the scopes given, which are all of the client's where there are none. */
export async function issuedToken({ clientId, clientSecret }: Tenant, scopes?: readonly string[]): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  if (scopes) form.set('scope', scopes.join(' '));
  const response = await fetch(`${stack.info.gatewayUrl}/oauth/token`, { method: 'POST', body: form });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (!token) throw new Error(`no token for ${clientId}: ${response.status}`);
  return token;
}

export const bearer = (token: string, baseUrl = stack.info.gatewayUrl): Api => Api.withToken(baseUrl, token);
