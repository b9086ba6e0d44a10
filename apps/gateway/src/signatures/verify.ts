import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readImfDate } from './imf-date.ts';
import { algorithms, profileOf } from './profile.ts';
import type { Algorithm, Profile, SkewSeconds } from './profile.ts';
import type { PresentedSignature } from './signature-header.ts';
import { signingString } from './signing-string.ts';
import type { SignedRequest } from './signing-string.ts';

/** What a key's owner may do, and the secrets of which one has to fit: two while they are rotated. */
export interface VerificationKey {
  readonly profile: Profile;
  readonly algorithms: readonly Algorithm[];
  readonly secrets: readonly KeyObject[];
}

/** What a good signature proves, and what is still to be looked at once the body is there. */
export interface SignatureProof {
  readonly profile: Profile;
  /** Of the body: present where it was signed. */
  readonly digest: string | undefined;
  /** The bytes of the signature, by which a second use is known. */
  readonly signature: Buffer;
}

export interface Verification {
  readonly request: SignedRequest;
  readonly presented: PresentedSignature;
  /** Undefined where nobody has this key id: then there is no proof, and it costs the same. */
  readonly key: VerificationKey | undefined;
  readonly now: Date;
  readonly skewSeconds: SkewSeconds;
}

const NOBODY: VerificationKey = {
  profile: 'strict',
  algorithms: ['hmac-sha512'],
  secrets: [createSecretKey(randomBytes(32))],
};
const LENGTHS: Readonly<Record<Algorithm, number>> = { 'hmac-sha512': 64, 'hmac-sha384': 48, 'hmac-sha256': 32 };
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The proof, or null. Every reason for a no comes after the same work, an HMAC for each secret, so that neither the
 * answer nor its time says whether the key exists, what it may do, or which part was wrong.
 */
export function verifySignature({ request, presented, key, now, skewSeconds }: Verification): SignatureProof | null {
  const { profile: ofKey, algorithms: allowed, secrets } = key ?? NOBODY;
  const named = algorithms.find((algorithm) => algorithm === presented.algorithm);
  // The key says what it may be used with. What the request says of itself only chooses among that.
  const algorithm = named !== undefined && allowed.includes(named) ? named : undefined;
  const signature = readSignature(presented.signature, LENGTHS[algorithm ?? 'hmac-sha512']);
  const text = signingString(request, presented.headers);
  const fits = secrets.map((secret) => isSignatureOf(text ?? '', signature, { algorithm, secret })).includes(true);
  const profile = profileOf(presented.headers, ofKey);
  const isTimely = profile !== null && isWithin(request.headers.date, now, skewSeconds[profile]);
  if (!key || !algorithm || !signature || text === null || !isTimely || !fits) return null;
  const { digest } = request.headers;
  const isDigestSigned = presented.headers.includes('digest');
  return { profile, digest: isDigestSigned ? String(digest) : undefined, signature };
}

interface Signer {
  readonly algorithm: Algorithm | undefined;
  readonly secret: KeyObject;
}

function isSignatureOf(text: string, signature: Buffer | null, { algorithm, secret }: Signer): boolean {
  const hash = (algorithm ?? 'hmac-sha512').slice('hmac-'.length);
  const actual = createHmac(hash, secret).update(text).digest();
  return signature !== null && signature.length === actual.length && timingSafeEqual(signature, actual);
}

/** Percent-decoded once, then standard base64, padded, of exactly that many bytes. */
function readSignature(encoded: string, length: number): Buffer | null {
  const text = decoded(encoded);
  if (text === null || text.length % 4 !== 0 || !BASE64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  // Encoded again it has to be the same: bits beside the last byte would make many spellings of one signature.
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function isWithin(date: string | undefined, now: Date, skewSeconds: number): boolean {
  const sent = date === undefined ? null : readImfDate(date);
  return sent !== null && Math.abs(now.getTime() - sent.getTime()) <= skewSeconds * 1000;
}
