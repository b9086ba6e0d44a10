import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import type { Target } from '../endpoints/endpoint-directory.ts';
import { AttemptStarts } from './attempt-starts.ts';
import { traced } from './attempt-span.ts';
import { AuthorisedClient } from './authorised-client.ts';
import type { Job } from './job.ts';
import { render } from './render.ts';
import { signedHeaders } from './signature.ts';
import { unanswered } from './webhook.client.ts';
import type { WebhookReply } from './webhook.client.ts';

/** One attempt: what the endpoint is sent, signed at this moment, and its answer. Never throws. */
@Injectable()
export class Sender {
  constructor(
    private readonly client: AuthorisedClient,
    private readonly clock: Clock,
    private readonly bodies: SealedBodies,
    private readonly starts: AttemptStarts,
  ) {}

  async send(job: Job, target: Target): Promise<WebhookReply> {
    if (this.bodies.isErased(job)) return unanswered('erased');
    if (job.lost !== undefined) return unanswered(job.lost);
    if (job.body === null || job.type === null) return unanswered('message_expired');
    let body: Buffer;
    try {
      body = render({ type: job.type, body: job.body }, target);
    } catch {
      return unanswered('not_renderable');
    }
    const signed = signedHeaders(job.messageId, this.clock.now(), body, target.keys);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Quittance-Webhooks/1',
      ...signed,
      ...(job.isTest ? { 'webhook-test': 'true' } : {}),
      ...(job.sequence === null ? {} : { 'webhook-sequence': String(job.sequence) }),
      ...(job.gap ? { 'webhook-gap': job.gap } : {}),
    };
    const post = () => traced(job, () => this.client.send(target, { headers, body }));
    return target.auditStrict ? this.starts.before(job, post) : post();
  }
}
