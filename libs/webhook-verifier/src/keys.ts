import { createPublicKey, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** One of the `keys` of a key set (RFC 8037); what else it says is not looked at. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
}

/** What verifies signatures of one version. */
export interface VerifyingKey {
  readonly version: 'v1' | 'v1a';
  readonly key: KeyObject;
}

/**
 * Reads `whsec_…` (v1), `whpk_…` or a public JWK (v1a).
 *
 * @throws Error for everything else. A secret that is empty or cut short must not pass: under an empty one, anybody's
 * signature is good.
 */
export function readKey(source: string | PublicJwk): VerifyingKey {
  if (typeof source !== 'string') return ed25519Key(source);
  if (source.startsWith('whsec_')) {
    const bytes = decoded(source.slice('whsec_'.length));
    if (bytes.length < 24 || bytes.length > 64) throw new Error('a whsec_ secret holds 24 to 64 bytes');
    return { version: 'v1', key: createSecretKey(bytes) };
  }
  if (source.startsWith('whpk_')) {
    const x = decoded(source.slice('whpk_'.length)).toString('base64url');
    return ed25519Key({ kty: 'OKP', crv: 'Ed25519', x });
  }
  if (source.startsWith('whsk_')) throw new Error('whsk_ is the key of who signs: verify with whpk_');
  throw new Error('a secret begins with whsec_ or whpk_');
}

function ed25519Key({ kty, crv, x }: PublicJwk): VerifyingKey {
  if (kty !== 'OKP' || crv !== 'Ed25519' || Buffer.from(x, 'base64url').length !== 32) {
    throw new Error('a public key is 32 bytes of ed25519');
  }
  return { version: 'v1a', key: createPublicKey({ key: { kty, crv, x }, format: 'jwk' }) };
}

/** Node skips what is no base64, and a mistyped secret would become another, shorter one. */
function decoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new Error('a secret is base64 with its padding');
  return bytes;
}
