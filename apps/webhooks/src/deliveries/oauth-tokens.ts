import { Injectable } from '@nestjs/common';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import type { OAuthClient } from '../endpoints/credentials.ts';
import { WebhookClient } from './webhook.client.ts';
import type { WebhookReply } from './webhook.client.ts';

/** Part of its life after which a token is asked for anew, while the old one would still do. */
const freshPart = 0.8;
const lifeDefaultMs = 300_000;
const lifeMaxMs = 24 * 3_600_000;
/** As long as the first retry waits: a server that is down is asked so often, however many deliveries there are. */
const restMs = 5_000;
const clientsMax = 10_000;

const tokenRequests = metrics.counter(
  'webhook_token_requests_total',
  'Requests for an OAuth token to authorisation servers of receivers',
  ['result'],
);

interface Token {
  readonly value: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
  /** Fetched because the one before was answered with 401. */
  isSecondTry: boolean;
}

interface Held {
  readonly revision: string;
  token: Token | null;
  flight: Promise<Token | null> | null;
  restUntil: number;
  wasRefused: boolean;
}

/**
 * Access tokens of receivers that want OAuth2 client credentials, in memory. One request at a time for an endpoint,
 * whatever waits for it; a failure is remembered for a while and costs every attempt meanwhile, without asking again.
 */
@Injectable()
export class OAuthTokens {
  private readonly held = new Map<string, Held>();

  constructor(private readonly client: WebhookClient) {}

  /** A token to send with, or null: there is none to be had. Never throws. */
  async token(client: OAuthClient, timeoutMs: number): Promise<string | null> {
    const held = this.of(client);
    const now = performance.now();
    if (held.token !== null && now < held.token.refreshAt) return held.token.value;
    if (held.flight === null && now >= held.restUntil) held.flight = this.fly(client, held, timeoutMs);
    const token = await held.flight;
    if (token !== null) return token.value;
    // No new one: the old one is good to its end.
    return held.token !== null && performance.now() < held.token.expiresAt ? held.token.value : null;
  }

  /**
   * What the receiver said to a token. 401 makes us forget it, once: where the next one is refused, too, the fault is
   * not the token's age, and asking for one with every attempt would help nobody.
   */
  heard(client: OAuthClient, value: string, status: number): void {
    const held = this.of(client);
    if (held.token?.value !== value) return;
    if (status !== 401) held.token.isSecondTry = false;
    else if (!held.token.isSecondTry) {
      held.token = null;
      held.wasRefused = true;
    }
  }

  private of({ endpointId, revision }: OAuthClient): Held {
    const known = this.held.get(endpointId);
    if (known?.revision === revision) return known;
    const [oldest] = this.held.keys();
    if (oldest !== undefined && this.held.size >= clientsMax) this.held.delete(oldest);
    const held: Held = { revision, token: null, flight: null, restUntil: 0, wasRefused: false };
    this.held.set(endpointId, held);
    return held;
  }

  private async fly(client: OAuthClient, held: Held, timeoutMs: number): Promise<Token | null> {
    const reply = await this.client.send({ ...tokenRequest(client), timeoutMs });
    const token = readToken(reply, performance.now());
    held.flight = null;
    tokenRequests.inc({ result: token === null ? 'failed' : 'granted' });
    if (token === null) {
      held.restUntil = performance.now() + restMs;
      return null;
    }
    held.token = { ...token, isSecondTry: held.wasRefused };
    held.wasRefused = false;
    return held.token;
  }
}

function tokenRequest(client: OAuthClient) {
  const { clientId, clientSecret, scope, audience, tokenUrl: url } = client;
  const inHeader = client.clientAuthentication === 'header';
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== null) form.set('scope', scope);
  if (audience !== null) form.set('audience', audience);
  if (!inHeader)
    for (const [name, value] of Object.entries({ client_id: clientId, client_secret: clientSecret })) {
      form.set(name, value);
    }
  const headers = {
    ...{ 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    ...(inHeader ? { authorization: `Basic ${Buffer.from(pairOf(clientId, clientSecret)).toString('base64')}` } : {}),
  };
  return { url, headers, body: Buffer.from(form.toString()) };
}

/** RFC 6749 2.3.1: both are form-encoded before they are joined, so that a colon in one of them does no harm. */
function pairOf(...both: [string, string]): string {
  return both.map((text) => new URLSearchParams({ '': text }).toString().slice(1)).join(':');
}

function readToken({ status, body, truncated }: WebhookReply, now: number): Omit<Token, 'isSecondTry'> | null {
  if (status !== 200 || body === null || truncated) return null;
  const { access_token: value, token_type: type, expires_in: seconds } = parsed(body);
  if (typeof value !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(value)) return null;
  if (typeof type === 'string' && type.toLowerCase() !== 'bearer') return null;
  const asked = Number(seconds) * 1_000;
  const life = asked > 0 ? Math.min(asked, lifeMaxMs) : lifeDefaultMs;
  return { value, refreshAt: now + life * freshPart, expiresAt: now + life };
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
