import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { ForeignCall } from '@quittance/service-kit/database/idempotency';
import type { Tx } from '@quittance/service-kit/database/tx';
import { notFound } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { WebhooksConfig } from '../config.ts';
import { AuthorisedClient } from '../deliveries/authorised-client.ts';
import { signedHeaders } from '../deliveries/signature.ts';
import type { WebhookReply } from '../deliveries/webhook.client.ts';
import { judgeHandshake, judgePing } from '../domain/verification.ts';
import type { Verification, VerificationMethod } from '../domain/verification.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';
import { EndpointsService } from '../endpoints/endpoints.service.ts';

/** Longer than any endpoint's deadline: until then a repeated request is told to come back. */
const leaseMs = 35_000;

/** Asks a receiver whether it wants webhooks from us. Asking again does no harm; only a consent is written down. */
@Injectable()
export class VerificationsService {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly directory: EndpointDirectory,
    private readonly client: AuthorisedClient,
    private readonly clock: Clock,
    private readonly config: WebhooksConfig,
  ) {}

  verify(tenantId: string, id: string, method: VerificationMethod): ForeignCall<Target, WebhookReply, Verification> {
    const find = (tx: Tx) => this.target(tx, tenantId, id);
    return {
      leaseMs,
      begin: find,
      resume: find,
      call: (target) => (method === 'ping' ? this.ping(target) : this.handshake(target)),
      finish: (tx, target, reply) => this.record(tx, target, method, reply),
    };
  }

  private async target(tx: Tx, tenantId: string, id: string): Promise<Target> {
    await this.endpoints.get(tx, tenantId, id);
    await this.directory.refresh(tx, [tenantId]);
    const target = this.directory.find(id);
    if (target === undefined) throw notFound('webhook endpoint', id);
    return target;
  }

  private ping(target: Target): Promise<WebhookReply> {
    const id = newId();
    const now = this.clock.now();
    const data = { endpointId: target.id };
    const body = Buffer.from(JSON.stringify({ type: 'webhook.ping', timestamp: now.toISOString(), data, id }));
    const own = { 'content-type': 'application/json', 'user-agent': 'Quittance-Webhooks/1' };
    return this.client.send(target, { headers: { ...own, ...signedHeaders(id, now, body, target.keys) }, body });
  }

  private handshake(target: Target): Promise<WebhookReply> {
    const headers = { 'user-agent': 'Quittance-Webhooks/1', 'webhook-request-origin': this.config.webhookOrigin };
    return this.client.send(target, { method: 'OPTIONS', headers, body: null });
  }

  private async record(tx: Tx, target: Target, method: VerificationMethod, reply: WebhookReply): Promise<Verification> {
    const consent = method === 'ping' ? judgePing(reply) : judgeHandshake(reply, this.config.webhookOrigin);
    const { tenantId, id, url } = target;
    const { verifiedAt } = consent.isVerified
      ? await this.endpoints.verified(tx, tenantId, id, url.href)
      : await this.endpoints.get(tx, tenantId, id);
    return { ...consent, method, status: reply.status, durationMs: reply.durationMs, verifiedAt };
  }
}
