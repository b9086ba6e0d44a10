import type { SecretBox, SecretPlace } from '@quittance/service-kit/secrets/secret-box';
import type { TlsIdentity } from '../deliveries/guarded-connector.ts';
import type { Auth, SecretAuth, ShownAuth } from '../domain/endpoint-auth.ts';
import type { CredentialKind } from './credential.repository.ts';

/** What it takes to ask an authorisation server for a token. */
export interface OAuthClient {
  readonly endpointId: string;
  /** Another one for every change of the credentials: a token belongs to one of them. */
  readonly revision: string;
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
  readonly audience: string | null;
  readonly clientAuthentication: 'header' | 'body';
}

/** Ready for use: what is added to every request, and how the connection is made. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly oauth: OAuthClient | null;
  readonly tls: TlsIdentity | null;
}

/** A row of `endpoint_credentials` as JSON: the ciphertext is base64. */
export interface CredentialRow {
  readonly kind: CredentialKind;
  readonly revision: string;
  readonly ciphertext: string;
}

export function credentialPlace(tenantId: string, endpointId: string, kind: CredentialKind): SecretPlace {
  return { tenantId, table: 'endpoint_credentials', column: 'ciphertext', rowId: `${endpointId}/${kind}` };
}

export function openCredentials(
  { tenantId, id, auth: shown }: { tenantId: string; id: string; auth: ShownAuth },
  rows: readonly CredentialRow[],
  box: SecretBox,
): Credentials {
  const row = (kind: CredentialKind) => rows.find((each) => each.kind === kind);
  const opened = <T>(kind: CredentialKind): T => {
    const sealed = Buffer.from(row(kind)?.ciphertext ?? '', 'base64');
    return (sealed.length === 0 ? {} : JSON.parse(box.open(sealed, credentialPlace(tenantId, id, kind)))) as T;
  };
  const auth = { ...shown, ...opened<SecretAuth>('auth') };
  const revision = row('auth')?.revision ?? '';
  return {
    headers: { ...opened<Record<string, string>>('headers'), ...authorization(auth) },
    oauth: auth.type === 'oauth2' ? oauthClient(auth, id, revision) : null,
    tls: auth.type === 'mtls' ? tlsIdentity(auth, revision) : null,
  };
}

function authorization({ type, username = '', password = '', token = '' }: Auth): Record<string, string> {
  if (type === 'bearer') return { authorization: `Bearer ${token}` };
  if (type !== 'basic') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function oauthClient(auth: Auth, endpointId: string, revision: string): OAuthClient {
  const { tokenUrl = '', clientId = '', clientSecret = '', scope = null, audience = null } = auth;
  const { clientAuthentication = 'header' } = auth;
  const to = { endpointId, revision, tokenUrl: new URL(tokenUrl), clientAuthentication };
  return { ...to, clientId, clientSecret, scope, audience };
}

function tlsIdentity({ certificate = '', privateKey = '', ca }: Auth, key: string): TlsIdentity {
  return { key, certificate, privateKey, ca: ca ?? null };
}
