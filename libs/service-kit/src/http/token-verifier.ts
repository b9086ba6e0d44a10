import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { FlattenedJWSInput, JWTHeaderParameters, JWTPayload, JWTVerifyGetKey } from 'jose';
import { isCurrency } from '@quittance/money/currency';
import { portalOf } from './auth.ts';
import type { Caller, Portal } from './auth.ts';
import { isUuid } from './path-id.ts';
import { Problem } from './problem.ts';

const CACHE_MAX = 10_000;
const STALE_KEYS_MAX_MS = 24 * 60 * 60 * 1000;

export interface TokenRules {
  issuer: string;
  /** The service's own name: a token for another service is refused. */
  audience: string;
}

/**
 * Verifies internal tokens offline against the gateway's public keys. A verified token is remembered until it expires,
 * so that a busy client costs one signature check every few minutes.
 */
export class TokenVerifier {
  private readonly verified = new Map<string, { caller: Caller; expiresAtMs: number }>();

  constructor(
    private readonly rules: TokenRules,
    private readonly keys: JWTVerifyGetKey,
  ) {}

  /** The caller, or a `Problem`: 401 for the token, 503 when the keys cannot be had. */
  async verify(token: string): Promise<Caller> {
    const known = this.verified.get(token);
    if (known && known.expiresAtMs > Date.now()) {
      // Set again: a Map keeps insertion order, so the least recently used is always the first.
      this.verified.delete(token);
      this.verified.set(token, known);
      return known.caller;
    }
    this.verified.delete(token);
    const payload = await this.payloadOf(token);
    const caller = callerFrom(payload);
    this.remember(token, caller, payload);
    return caller;
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        issuer: this.rules.issuer,
        audience: this.rules.audience,
        // Named here, not read from the token: otherwise a token chooses how it is checked.
        algorithms: ['EdDSA'],
        typ: 'at+jwt',
        requiredClaims: ['exp', 'iat', 'sub', 'tenant', 'currency'],
        maxTokenAge: '15m',
        clockTolerance: 5,
      });
      return payload;
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw unauthorized(error);
    }
  }

  private remember(token: string, caller: Caller, { exp = 0 }: JWTPayload): void {
    if (this.verified.size >= CACHE_MAX) {
      const oldest = this.verified.keys().next();
      if (!oldest.done) this.verified.delete(oldest.value);
    }
    this.verified.set(token, { caller, expiresAtMs: exp * 1000 });
  }
}

/** One answer for every reason: which check failed helps only who forges tokens. */
export function unauthorized(cause?: unknown): Problem {
  return new Problem(401, 'unauthorized', 'A valid bearer token for this service is required.', { cause });
}

function callerFrom(payload: JWTPayload): Caller {
  const { sub = '', tenant, partner, currency, scope = '' } = payload;
  if (sub === '' || typeof tenant !== 'string' || !isUuid(tenant) || typeof scope !== 'string') throw unauthorized();
  if (typeof currency !== 'string' || !isCurrency(currency)) throw unauthorized();
  if (partner !== undefined && (typeof partner !== 'string' || partner === '')) throw unauthorized();
  const scopes = Object.freeze(scope.split(' ').filter(Boolean));
  const ofPartner = partner === undefined ? {} : { partnerId: partner };
  const portal = portalIn(payload);
  return Object.freeze({ tenantId: tenant, clientId: sub, ...ofPartner, currency, scopes, ...(portal && { portal }) });
}

/** A claim that cannot be read is no token: without it, it would open more than was meant. */
function portalIn({ portal }: JWTPayload): Portal | undefined {
  try {
    return portalOf(portal);
  } catch (error) {
    throw unauthorized(error);
  }
}

/**
 * The keys at a JWKS URL. While that is away the last good keys serve for a day: an outage of the gateway must not
 * lock out callers whose tokens are good. An unknown `kid` asks again at most every 30 s, else it is an amplifier.
 */
export function remoteKeys(url: string, cacheMaxAgeMs = 600_000): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), {
    cooldownDuration: 30_000,
    cacheMaxAge: cacheMaxAgeMs,
    timeoutDuration: 3_000,
  });
  let goodAtMs = 0;
  return async (header: JWTHeaderParameters, token: FlattenedJWSInput) => {
    try {
      const key = await remote(header, token);
      goodAtMs = Date.now();
      return key;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JOSENotSupported) throw error;
      const last = remote.jwks();
      if (last && Date.now() - goodAtMs < STALE_KEYS_MAX_MS) return createLocalJWKSet(last)(header, token);
      throw new Problem(503, 'unavailable', 'Tokens cannot be checked just now.', { retryAfter: 1, cause: error });
    }
  };
}
