import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { SecretKind } from '../domain/secret.ts';

export interface NewSecret {
  /** `whsec_…`, or `whsk_…` with the seed and then the public key, as others of the trade write it. */
  readonly text: string;
  readonly publicKey: string | null;
}

export function newSecret(kind: SecretKind): NewSecret {
  if (kind === 'hmac') return { text: `whsec_${randomBytes(32).toString('base64')}`, publicKey: null };
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  return {
    text: `whsk_${Buffer.concat([seed, point]).toString('base64')}`,
    publicKey: `whpk_${point.toString('base64')}`,
  };
}
