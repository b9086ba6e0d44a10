/** What RFC 6749 calls an error: `{ error, error_description }`, not a problem document. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';

  constructor(
    readonly status: 400 | 401,
    readonly error: 'invalid_request' | 'invalid_client' | 'invalid_scope' | 'unsupported_grant_type',
    readonly description: string,
  ) {
    super(description);
  }
}

export interface PresentedSecret {
  clientId: string;
  clientSecret: string;
}

/** The parameters of a form body; a name that comes twice could be read differently by whoever looks. */
export function readForm(body: string): ReadonlyMap<string, string> {
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (form.has(name)) throw new OAuthError(400, 'invalid_request', 'A parameter is there twice.');
    form.set(name, value);
  }
  return form;
}

/** The client's own credentials (RFC 6749, 2.3.1): in the `Authorization` header or in the form, never in both. */
export function presentedSecret(form: ReadonlyMap<string, string>, authorization: string | undefined): PresentedSecret {
  const inForm = form.has('client_id') || form.has('client_secret');
  if (authorization !== undefined) {
    if (form.has('client_secret')) throw new OAuthError(400, 'invalid_request', 'Authenticate in one way, not in two.');
    return basicSecret(authorization);
  }
  const [clientId, clientSecret] = [form.get('client_id'), form.get('client_secret')];
  if (!inForm || clientId === undefined || clientSecret === undefined) throw invalidClient();
  return { clientId, clientSecret };
}

function basicSecret(authorization: string): PresentedSecret {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  const pair = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) throw invalidClient();
  try {
    // Both halves are form-encoded before they are joined.
    const [clientId, clientSecret] = [pair.slice(0, colon), pair.slice(colon + 1)].map(decodeURIComponent);
    return { clientId: clientId!, clientSecret: clientSecret! };
  } catch {
    throw invalidClient();
  }
}

export function invalidClient(): OAuthError {
  return new OAuthError(401, 'invalid_client', 'The client credentials are missing or not valid.');
}

/** The scopes asked for, which may be fewer than the client's but never others; all of them when none is named. */
export function grantedScopes(asked: string | undefined, granted: readonly string[]): readonly string[] {
  if (asked === undefined) return granted;
  const wanted = [...new Set(asked.split(' ').filter(Boolean))];
  if (wanted.length === 0 || wanted.some((scope) => !granted.includes(scope))) {
    throw new OAuthError(400, 'invalid_scope', 'A scope is unknown or not granted to this client.');
  }
  return wanted;
}
