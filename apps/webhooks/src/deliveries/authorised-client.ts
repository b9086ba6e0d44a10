import { Injectable } from '@nestjs/common';
import type { Target } from '../endpoints/endpoint-directory.ts';
import { OAuthTokens } from './oauth-tokens.ts';
import { unanswered, WebhookClient } from './webhook.client.ts';
import type { WebhookReply, WebhookRequest } from './webhook.client.ts';

/** What goes to an endpoint; the rest of the request are its settings. */
export type TargetRequest = Pick<WebhookRequest, 'method' | 'headers' | 'body'>;

/** Sends to an endpoint as it asks for: in its time, with its headers, its certificate, its token. Never throws. */
@Injectable()
export class AuthorisedClient {
  constructor(
    private readonly client: WebhookClient,
    private readonly tokens: OAuthTokens,
  ) {}

  send(target: Target, request: TargetRequest): Promise<WebhookReply> {
    const { url, credentials, timeoutSeconds } = target;
    const timeoutMs = timeoutSeconds === null ? this.client.timeoutMs : timeoutSeconds * 1_000;
    // Ours after theirs: a fixed header of an endpoint never replaces what the signature rests on.
    const headers = { ...credentials.headers, ...request.headers };
    const prepared = { ...request, url, headers, timeoutMs, tls: credentials.tls };
    return credentials.oauth === null ? this.client.send(prepared) : this.withToken(target, prepared);
  }

  /** The time that the token took counts: the deadline is one over both requests. */
  private async withToken(
    { credentials: { oauth } }: Target,
    request: WebhookRequest & { timeoutMs: number },
  ): Promise<WebhookReply> {
    if (oauth === null) return this.client.send(request);
    const startedAt = new Date();
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    const token = await this.tokens.token(oauth, request.timeoutMs);
    const timeoutMs = request.timeoutMs - elapsed();
    if (token === null || timeoutMs <= 0) return { ...unanswered('oauth_failed'), startedAt, durationMs: elapsed() };
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const reply = await this.client.send({ ...request, headers, timeoutMs });
    if (reply.status !== null) this.tokens.heard(oauth, token, reply.status);
    return { ...reply, startedAt, durationMs: elapsed() };
  }
}
