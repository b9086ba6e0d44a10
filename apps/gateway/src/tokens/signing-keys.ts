import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { JWK } from 'jose';

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
}

interface PublicJwk {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  kid: string;
  alg: 'EdDSA';
  use: 'sig';
}

/**
 * The gateway's Ed25519 keys, from `SIGNING_KEY`: one private JWK, or a JWK Set. The first signs; all are published,
 * so that a new key is known everywhere before it signs, and an old one stays known until the last token it signed has
 * expired.
 */
export class SigningKeys {
  readonly current: SigningKey;
  /** The body of `/.well-known/jwks.json`: public halves only. */
  readonly published: { keys: PublicJwk[] };
  private readonly publicKeys: ReadonlyMap<string, KeyObject>;

  constructor(signingKey: string) {
    const keys = parse(signingKey).map(toKey);
    this.current = keys[0]!;
    this.published = { keys: keys.map(publicJwk) };
    this.publicKeys = new Map(keys.map(({ kid, privateKey }) => [kid, createPublicKey(privateKey)]));
    if (this.publicKeys.size !== keys.length) throw new Error('SIGNING_KEY: two keys have the same kid');
  }

  publicKey(kid: string | undefined): KeyObject | undefined {
    return kid === undefined ? undefined : this.publicKeys.get(kid);
  }
}

function parse(text: string): JWK[] {
  let value: JWK & { keys?: JWK[] };
  try {
    value = JSON.parse(text) as JWK & { keys?: JWK[] };
  } catch {
    // The parser's own message would quote the key.
    throw new Error('SIGNING_KEY is not JSON');
  }
  const keys = Array.isArray(value.keys) ? value.keys : [value];
  if (keys.length === 0) throw new Error('SIGNING_KEY holds no key');
  return keys;
}

function toKey(jwk: JWK): SigningKey {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || !jwk.d || !jwk.kid) {
    throw new Error('SIGNING_KEY: every key is a private Ed25519 JWK with a kid');
  }
  return { kid: jwk.kid, privateKey: createPrivateKey({ key: { ...jwk }, format: 'jwk' }) };
}

function publicJwk({ kid, privateKey }: SigningKey): PublicJwk {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x: x!, kid, alg: 'EdDSA', use: 'sig' };
}
