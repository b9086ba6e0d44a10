import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Problem } from '@quittance/service-kit/http/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator } from '../clients/authenticator.ts';
import type { Principal } from '../clients/client.ts';
import type { BucketPolicy } from '../limits/token-bucket.ts';
import { TokenBuckets } from '../limits/token-bucket.ts';
import type { Open, Scope } from '../routes.ts';
import { Tokens } from '../tokens/tokens.ts';

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

export interface GatekeeperPolicies {
  requests: BucketPolicy;
  failures: BucketPolicy;
  /** Of an address on the routes that are open to people. */
  strangers: BucketPolicy;
}

/**
 * Who may pass: authentication, then the client's rate limit, then the scope, all before a byte of the body is read.
 *
 * The rate limit is our own and not @fastify/rate-limit: that one counts in fixed windows, which let twice the limit
 * through at a border, runs as one more asynchronous hook, and sends an older draft's headers.
 */
@Injectable()
export class Gatekeeper {
  private readonly requests: TokenBuckets;
  private readonly failures: TokenBuckets;
  private readonly byAddress: Readonly<Record<Open, TokenBuckets>>;
  private readonly policyHeader: string;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    { requests, failures, strangers }: GatekeeperPolicies,
  ) {
    this.requests = new TokenBuckets(requests);
    this.failures = new TokenBuckets(failures);
    this.byAddress = { open: new TokenBuckets(strangers), signed: new TokenBuckets(requests) };
    this.policyHeader = `"client";q=${requests.burst};w=${Math.ceil(requests.burst / requests.perSecond)}`;
  }

  /** The caller of a route that asks for `scope`. Without a promise for a caller seen before. Throws a `Problem`. */
  admit(request: FastifyRequest, reply: FastifyReply, scope: Scope): Principal | Promise<Principal> {
    const recalled = this.recall(request);
    if (recalled) return this.pass(recalled, reply, scope);
    return this.identify(request).then((principal) => this.pass(principal, reply, scope));
  }

  /** Whoever it is: an open route asks no credential, and believes none. Throws a `Problem`. */
  admitStranger({ ip }: FastifyRequest, openness: Open): void {
    const { allowed, retryAfterSeconds } = this.byAddress[openness].take(ip, this.nowMs());
    if (allowed) return;
    throw new Problem(429, 'rate_limited', 'This address sends too many requests.', { retryAfter: retryAfterSeconds });
  }

  /**
   * Client id and secret → principal, or null. An address that failed too often waits before anything is looked up;
   * who was right within the last minute is not asked, so that a neighbour behind the same address cannot shut a
   * client out.
   */
  async checkSecret(ip: string, clientId: string, secret: string): Promise<Principal | null> {
    const recalled = this.authenticator.recall(clientId, secret);
    if (recalled) return recalled;
    return this.unlessBlocked(ip, () => this.authenticator.authenticate(clientId, secret));
  }

  private recall({ headers }: FastifyRequest): Principal | undefined {
    const { authorization } = headers;
    const [clientId, secret] = [headers['x-client-id'], headers['x-client-secret']];
    if (authorization === undefined) {
      return typeof clientId === 'string' && typeof secret === 'string'
        ? this.authenticator.recall(clientId, secret)
        : undefined;
    }
    const token = BEARER.exec(authorization)?.[1];
    return token && clientId === undefined && secret === undefined ? this.tokens.recall(token) : undefined;
  }

  private async identify({ headers, ip }: FastifyRequest): Promise<Principal> {
    const { authorization } = headers;
    const [clientId, secret] = [headers['x-client-id'], headers['x-client-secret']];
    const pair = clientId !== undefined || secret !== undefined;
    if (authorization === undefined && !pair) throw unauthorized('Credentials are required.');
    if (authorization !== undefined && pair)
      throw unauthorized('Send X-Client-ID and X-Client-Secret, or a token, not both.');
    let principal: Principal | null = null;
    if (authorization !== undefined) {
      const token = BEARER.exec(authorization)?.[1];
      if (token) principal = await this.unlessBlocked(ip, () => this.tokens.verifyAccessToken(token));
    } else if (typeof clientId === 'string' && typeof secret === 'string') {
      principal = await this.checkSecret(ip, clientId, secret);
    }
    // One answer for every reason: which part was wrong helps only who guesses.
    if (!principal) throw unauthorized('The credentials are not valid.');
    return principal;
  }

  /** Throws 429 instead of asking where an address was wrong too often. */
  async unlessBlocked<T>(ip: string, check: () => Promise<T | null>): Promise<T | null> {
    const { allowed, retryAfterSeconds } = this.failures.peek(ip, this.nowMs());
    if (!allowed) {
      throw new Problem(429, 'rate_limited', 'Too many wrong credentials from this address.', {
        retryAfter: retryAfterSeconds,
      });
    }
    const proven = await check();
    if (!proven) this.failed(ip);
    return proven;
  }

  /** One wrong credential more from this address. */
  failed(ip: string): void {
    this.failures.take(ip, this.nowMs());
  }

  /** Takes one request from the client's bucket and says on the answer what is left. */
  count(principal: Principal, reply: FastifyReply): void {
    // Whoever looks at an embedded portal uses up what portals may, not what the client's own systems live on.
    const name = principal.portal ? `${principal.clientId} portal` : principal.clientId;
    const state = this.requests.take(name, this.nowMs());
    void reply.header('ratelimit-policy', this.policyHeader);
    void reply.header('ratelimit', `"client";r=${state.remaining};t=${state.resetSeconds}`);
    if (state.allowed) return;
    const retryAfter = state.retryAfterSeconds;
    throw new Problem(429, 'rate_limited', 'This client sends too many requests.', { retryAfter });
  }

  /** Who is proven, with the rate and the scope. */
  pass(principal: Principal, reply: FastifyReply, scope: Scope): Principal {
    this.count(principal, reply);
    if (!principal.scopes.includes(scope)) throw new Problem(403, 'forbidden', `The scope ${scope} is required.`);
    return principal;
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}

export function unauthorized(detail: string): Problem {
  return new Problem(401, 'unauthorized', detail);
}
