import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { Principal } from '../clients/client.ts';
import { isUsable } from '../clients/client.ts';
import { TRUST_NO_MS, TRUST_YES_MS } from '../clients/directory.ts';
import { isApiKey } from '../credentials/credential.ts';
import { isDigestOf } from '../signatures/digest.ts';
import type { SkewSeconds } from '../signatures/profile.ts';
import { readSignatureHeader } from '../signatures/signature-header.ts';
import type { PresentedSignature } from '../signatures/signature-header.ts';
import type { SignedRequest } from '../signatures/signing-string.ts';
import { verifySignature } from '../signatures/verify.ts';
import type { SignatureProof } from '../signatures/verify.ts';
import type { ApiKey } from './api-key.ts';
import { ApiKeyDirectory } from './api-key-directory.ts';

const weak = metrics.counter(
  'auth_weak_profile_total',
  'Requests let through whose signature covers neither path nor body',
);

/** A partner, proven by its signature. `isWhole` is still to be asked when the body is there. */
export interface SignedCaller {
  readonly principal: Principal;
  readonly partnerId: string;
  readonly key: ApiKey;
  readonly proof: SignatureProof;
}

/**
 * Signature → partner, or null: an unknown key, a revoked one, a wrong signature and a date too far away are one
 * answer. The signature is checked before the body is read, so that nobody makes us take in a body without one; what
 * it says of the body is compared with its bytes after that, and only then is it used up.
 */
@Injectable()
export class SignatureAuthenticator {
  private readonly principals = new WeakMap<ApiKey, Principal>();

  constructor(
    private readonly directory: ApiKeyDirectory,
    private readonly clock: Clock,
    private readonly skewSeconds: SkewSeconds,
  ) {}

  /** A yes from memory, or undefined: without a promise, as nearly every request of a partner goes. */
  recall(request: SignedRequest): SignedCaller | undefined {
    const presented = presentedIn(request);
    const key = presented && this.directory.peek(presented.keyId, TRUST_YES_MS);
    return (key && this.verify(request, presented, key)) ?? undefined;
  }

  async authenticate(request: SignedRequest): Promise<SignedCaller | null> {
    const presented = presentedIn(request);
    if (!presented) return null;
    const { keyId } = presented;
    // What was read just now says no as well as the database would.
    const known = isApiKey(keyId) ? this.directory.peek(keyId, TRUST_NO_MS) : null;
    const key = known === undefined ? await this.directory.read(keyId) : known;
    return this.verify(request, presented, key);
  }

  /** Whether the body is the one that was signed, and the signature was not used before. */
  async isWhole({ key, proof }: SignedCaller, body: Uint8Array): Promise<boolean> {
    if (proof.digest !== undefined && !isDigestOf(proof.digest, body)) return false;
    // Two honest requests of one second carry the same signature where it covers the date alone: no word about those.
    if (proof.profile !== 'strict') return true;
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + 2 * this.skewSeconds.strict * 1000);
    return this.directory.useOnce(key, { signature: proof.signature, now, expiresAt });
  }

  private verify(request: SignedRequest, presented: PresentedSignature, found: ApiKey | null): SignedCaller | null {
    const now = this.clock.now();
    const isKnown = found !== null && found.disabledAt === null;
    const secrets = isKnown ? found.secrets.filter((secret) => isUsable(secret, now)).map(({ key }) => key) : [];
    // Without a secret it is nobody's: the check goes on as far, under a key of ours.
    const key = isKnown && secrets.length > 0 ? { ...found, secrets } : undefined;
    const proof = verifySignature({ request, presented, key, now, skewSeconds: this.skewSeconds });
    if (!proof || !found) return null;
    if (proof.profile !== 'strict') weak.inc();
    return { principal: this.principalOf(found), partnerId: found.partnerId, key: found, proof };
  }

  /** One object for a key as read: what hangs on it (tokens) is found again. */
  private principalOf(key: ApiKey): Principal {
    let principal = this.principals.get(key);
    if (!principal) {
      const { tenantId, apiKey: clientId, partnerId, currency, scopes } = key;
      principal = Object.freeze({ tenantId, clientId, partnerId, currency, scopes });
      this.principals.set(key, principal);
    }
    return principal;
  }
}

/** Null too where `X-API-Key` names another key: of two that differ, which one is meant is nobody's guess. */
function presentedIn({ headers }: SignedRequest): PresentedSignature | null {
  const presented = readSignatureHeader(headers.authorization ?? '');
  const named = headers['x-api-key'];
  return presented && (named === undefined || named === presented.keyId) ? presented : null;
}
