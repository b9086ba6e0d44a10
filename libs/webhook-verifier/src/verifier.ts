import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readHeaders } from './headers.ts';
import type { HeaderBag } from './headers.ts';
import { readKey } from './keys.ts';
import type { PublicJwk, VerifyingKey } from './keys.ts';
import { WebhookRefused } from './refused.ts';

export { WebhookRefused };

export interface VerifierOptions {
  /** How far its timestamp may be from now, in both directions; 300 by default. */
  readonly toleranceSeconds?: number;
  readonly now?: () => Date;
}

export interface VerifiedWebhook<T> {
  /** The same on every attempt: what to know a repeated one by. */
  readonly id: string;
  /** When this attempt was signed. */
  readonly timestamp: Date;
  readonly payload: T;
}

/** More than anybody signs with; without an end, one request could cost thousands of verifications. */
const signaturesMax = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Verifies webhooks that are signed after Standard Webhooks, v1 and v1a.
 *
 * @example const verifier = new WebhookVerifier(process.env.WEBHOOK_SECRET ?? '');
 *          const { id, payload } = verifier.verify(rawBody, request.headers);
 */
export class WebhookVerifier {
  private readonly keys: readonly VerifyingKey[];
  private readonly toleranceSeconds: number;
  private readonly now: () => Date;

  /**
   * @param secrets `whsec_…`, `whpk_…`, or the `keys` of a key set. While one replaces another, give both.
   * @throws Error when there is none, or one is empty or malformed
   */
  constructor(secrets: string | readonly (string | PublicJwk)[], options: VerifierOptions = {}) {
    const { toleranceSeconds = 300, now = () => new Date() } = options;
    this.keys = (typeof secrets === 'string' ? [secrets] : secrets).map((secret) => readKey(secret));
    if (this.keys.length === 0) throw new Error('there is no secret to verify with');
    this.toleranceSeconds = toleranceSeconds;
    this.now = now;
  }

  /**
   * @param body the bytes as they came. What a parser made of them, written anew, is not what was signed.
   * @throws WebhookRefused for a request that is not to be believed
   */
  verify<T = unknown>(body: string | Uint8Array, headers: HeaderBag): VerifiedWebhook<T> {
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
      throw new TypeError('the body has to be the raw bytes or text, not what was parsed from it');
    }
    const bytes = Buffer.from(body as Uint8Array);
    const { id, timestamp, signatures } = readHeaders(headers);
    this.refuseOld(Number(timestamp));
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), bytes]);
    if (!this.keys.some((key) => isSigned(signed, signatures, key))) {
      throw new WebhookRefused('signature_mismatch', 'no signature is good under the secrets that are known');
    }
    // Only now: before, it was anybody's text.
    return { id, timestamp: new Date(Number(timestamp) * 1000), payload: parsed(bytes) as T };
  }

  private refuseOld(timestamp: number): void {
    const age = Math.floor(this.now().getTime() / 1000) - timestamp;
    if (age > this.toleranceSeconds) throw new WebhookRefused('timestamp_too_old', 'the request is too old');
    if (age < -this.toleranceSeconds) throw new WebhookRefused('timestamp_too_new', 'the request is from the future');
  }
}

/** Items that are malformed or of a version that is not known are passed over: a sender may add one some day. */
function isSigned(signed: Buffer, signatures: string, { version, key }: VerifyingKey): boolean {
  const fits = version === 'v1' ? hmacTest(signed, key) : ed25519Test(signed, key);
  return signatures
    .split(' ')
    .slice(0, signaturesMax)
    .some((item) => {
      const comma = item.indexOf(',');
      return comma > 0 && item.slice(0, comma) === version && fits(item.slice(comma + 1));
    });
}

type Test = (signature: string) => boolean;

function hmacTest(signed: Buffer, key: KeyObject): Test {
  const expected = Buffer.from(createHmac('sha256', key).update(signed).digest('base64'));
  return (signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}

function ed25519Test(signed: Buffer, key: KeyObject): Test {
  return (signature) => {
    const given = Buffer.from(signature, 'base64');
    return given.length === 64 && given.toString('base64') === signature && verify(null, signed, key, given);
  };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes)) as unknown;
  } catch {
    throw new WebhookRefused('body_not_json', 'the body is signed and is no JSON');
  }
}
