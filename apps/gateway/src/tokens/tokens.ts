import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SignJWT, jwtVerify } from 'jose';
import { Clock } from '@quittance/service-kit/clock';
import { portalOf } from '@quittance/service-kit/http/auth';
import type { Portal } from '@quittance/service-kit/http/auth';
import type { Principal } from '../clients/client.ts';
import type { Service } from '../routes.ts';
import { SigningKeys } from './signing-keys.ts';

/** The audience of access tokens: no service accepts it, so that what a client holds is of use at the gateway alone. */
export const PUBLIC_AUDIENCE = 'quittance';
export const TOKEN_TTL_SECONDS = 300;
/** It cannot be called back, so that this is how long a portal may outlive its welcome. */
export const PORTAL_TTL_MAX_SECONDS = 3_600;
/**
 * A cached token is not handed on in its last seconds: the request it travels with must outlive the clocks'
 * difference.
 */
const RENEW_BEFORE_MS = 30_000;
const VERIFIED_MAX = 10_000;

interface Minted {
  token: string;
  renewAtMs: number;
}

interface Verified {
  principal: Principal;
  expiresAtMs: number;
}

/**
 * Makes both kinds of token, and knows its own access tokens again. Signing or verifying costs 0.1 ms, so both are
 * remembered.
 */
@Injectable()
export class Tokens {
  private readonly internal = new WeakMap<Principal, Map<Service, Minted>>();
  private readonly verified = new Map<string, Verified>();
  /** Bearer tokens are secrets: they are remembered by a keyed hash that means nothing outside this process. */
  private readonly fingerprintKey = randomBytes(32);

  constructor(
    private readonly keys: SigningKeys,
    private readonly issuer: string,
    private readonly clock: Clock,
  ) {}

  issueAccessToken(principal: Principal): Promise<string> {
    return this.sign(principal, PUBLIC_AUDIENCE);
  }

  /** An access token for a page that somebody embeds: less than the client's, for as long as a person looks at it. */
  issuePortalToken(principal: Principal, portal: Portal, ttlSeconds: number): Promise<string> {
    return this.sign({ ...principal, portal }, PUBLIC_AUDIENCE, Math.min(ttlSeconds, PORTAL_TTL_MAX_SECONDS));
  }

  /**
   * The token that speaks for `principal` to one service; from memory where it can, so that a request costs no
   * signature.
   */
  internalToken(principal: Principal, service: Service): string | Promise<string> {
    const minted = this.internal.get(principal)?.get(service);
    return minted && minted.renewAtMs > this.nowMs() ? minted.token : this.mint(principal, service);
  }

  /** Who an access token was issued to, from memory, or undefined. */
  recall(token: string): Principal | undefined {
    const verified = this.verified.get(this.fingerprint(token));
    return verified && verified.expiresAtMs > this.nowMs() ? verified.principal : undefined;
  }

  /** Null for whatever is not a valid access token of ours: another audience, type or algorithm, expired, altered. */
  async verifyAccessToken(token: string): Promise<Principal | null> {
    const recalled = this.recall(token);
    if (recalled) return recalled;
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.keyFor(kid), {
        issuer: this.issuer,
        audience: PUBLIC_AUDIENCE,
        algorithms: ['EdDSA'],
        typ: 'at+jwt',
        requiredClaims: ['exp', 'sub', 'tenant', 'currency', 'scope'],
        currentDate: this.clock.now(),
      });
      const principal = principalOf(payload);
      if (this.verified.size >= VERIFIED_MAX) this.verified.delete(this.verified.keys().next().value!);
      this.verified.set(this.fingerprint(token), { principal, expiresAtMs: payload.exp! * 1000 });
      return principal;
    } catch {
      return null;
    }
  }

  private async mint(principal: Principal, service: Service): Promise<string> {
    const renewAtMs = this.nowMs() + TOKEN_TTL_SECONDS * 1000 - RENEW_BEFORE_MS;
    const token = await this.sign(principal, service);
    const byService = this.internal.get(principal) ?? new Map<Service, Minted>();
    byService.set(service, { token, renewAtMs });
    this.internal.set(principal, byService);
    return token;
  }

  private sign(principal: Principal, audience: string, ttlSeconds = TOKEN_TTL_SECONDS): Promise<string> {
    const { tenantId, clientId, partnerId, currency, scopes, portal } = principal;
    const issuedAt = Math.floor(this.nowMs() / 1000);
    const { kid, privateKey } = this.keys.current;
    const partner = partnerId === undefined ? {} : { partner: partnerId };
    const limits = portal === undefined ? {} : { portal: { endpoints: portal.endpointIds } };
    return new SignJWT({ tenant: tenantId, ...partner, ...limits, currency, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setIssuer(this.issuer)
      .setAudience(audience)
      .setSubject(clientId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(privateKey);
  }

  private keyFor(kid: string | undefined) {
    const key = this.keys.publicKey(kid);
    if (!key) throw new Error('unknown kid');
    return key;
  }

  private fingerprint(token: string): string {
    return createHmac('sha256', this.fingerprintKey).update(token).digest('base64url');
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}

function principalOf(payload: Record<string, unknown>): Principal {
  const [tenantId, clientId, currency, scope] = [
    payload['tenant'],
    payload['sub'],
    payload['currency'],
    payload['scope'],
  ];
  if (![tenantId, clientId, currency, scope].every((claim) => typeof claim === 'string'))
    throw new Error('a claim is no text');
  const portal = portalOf(payload['portal']);
  return Object.freeze({
    tenantId: tenantId as string,
    clientId: clientId as string,
    currency: currency as string,
    scopes: (scope as string).split(' ').filter(Boolean),
    ...(portal && { portal }),
  });
}
