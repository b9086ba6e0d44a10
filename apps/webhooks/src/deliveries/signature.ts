import { createHmac, createPrivateKey, createSecretKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { signingAt } from '../domain/secret.ts';
import type { Validity } from '../domain/secret.ts';

/**
 * Standard Webhooks, the sender's half. Signed are the UTF-8 bytes `id.timestamp.` and then the body exactly as sent;
 * the header lists one `version,base64` for every secret that is valid at that time, in the order given: newest first.
 */
export interface SigningKey extends Validity {
  readonly kind: 'hmac' | 'ed25519';
  /** Made once: an HMAC over a kept key object takes a fifth of the time of one over bare bytes. */
  readonly key: KeyObject;
}

const always: Validity = { notBefore: new Date(0), expiresAt: null };

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

export function signedHeaders(id: string, at: Date, body: Uint8Array, keys: readonly SigningKey[]): SignedHeaders {
  const live = signingAt(keys, at);
  if (live.length === 0) throw new Error('a webhook cannot be signed without a secret');
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const prefix = `${id}.${timestamp}.`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': live.map((key) => signature(prefix, body, key)).join(' '),
  };
}

function signature(prefix: string, body: Uint8Array, { kind, key }: SigningKey): string {
  if (kind === 'hmac') return `v1,${createHmac('sha256', key).update(prefix).update(body).digest('base64')}`;
  return `v1a,${sign(null, Buffer.concat([Buffer.from(prefix), body]), key).toString('base64')}`;
}

/**
 * Reads `whsec_…` (v1: 24 to 64 bytes of key) or `whsk_…` (v1a: an ed25519 seed, with or without its public key). The
 * text does not say from when until when it signs: without a word about it, always.
 */
export function parseSecret(text: string, validity = always): SigningKey {
  if (text.startsWith('whsec_')) {
    const key = Buffer.from(text.slice('whsec_'.length), 'base64');
    if (key.length < 24 || key.length > 64) throw new Error('a whsec_ secret holds 24 to 64 bytes');
    return { ...validity, kind: 'hmac', key: createSecretKey(key) };
  }
  const bytes = Buffer.from(text.startsWith('whsk_') ? text.slice('whsk_'.length) : '', 'base64');
  if (bytes.length !== 32 && bytes.length !== 64) throw new Error('a secret is whsec_… or whsk_…');
  return { ...validity, kind: 'ed25519', key: ed25519Key(bytes.subarray(0, 32)) };
}

/** PKCS #8 around a bare ed25519 seed: the only form in which Node takes one. */
function ed25519Key(seed: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
