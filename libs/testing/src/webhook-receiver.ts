import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './eventually.ts';
import type { EventuallyOptions } from './eventually.ts';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The bytes as sent: a signature covers these, not what a parser makes of them. */
  body: string;
  receivedAt: Date;
}

export type Answer =
  | { status: number; body?: string; headers?: Record<string, string>; delayMs?: number }
  /** Cuts the connection without an answer. */
  | { hangUp: true };

/**
 * A partner's endpoint: records every request and answers as told, 204 unless told otherwise. It verifies nothing;
 * the test does that with an independent implementation.
 */
export class WebhookReceiver {
  readonly requests: ReceivedRequest[] = [];
  private readonly script: Answer[] = [];
  private standing: (request: ReceivedRequest) => Answer | Promise<Answer> = () => ({ status: 204 });
  private answered: (request: ReceivedRequest) => void = () => undefined;
  private readonly server = createServer((req, res) => void this.receive(req, res));

  static async start(port = 0): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve, reject) => {
      receiver.server.once('error', reject);
      receiver.server.listen(port, '127.0.0.1', resolve);
    });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** Answers for the next requests, in order; after them the standing answer. */
  answerNext(...answers: Answer[]): void {
    this.script.push(...answers);
  }

  answerAlways(answer: Answer): void {
    this.standing = () => answer;
  }

  /** The standing answer by the request; a promise keeps the sender waiting. `answered` hears when it goes out. */
  answerBy(
    rule: (request: ReceivedRequest) => Answer | Promise<Answer>,
    answered: (request: ReceivedRequest) => void = () => undefined,
  ): void {
    this.standing = rule;
    this.answered = answered;
  }

  /** Waits until a request fits. */
  received(
    fits: (request: ReceivedRequest) => boolean = () => true,
    options?: EventuallyOptions,
  ): Promise<ReceivedRequest> {
    return eventually(() => this.requests.find(fits), options);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const request: ReceivedRequest = {
      method: req.method ?? '',
      path: req.url ?? '',
      headers: req.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      receivedAt: new Date(),
    };
    this.requests.push(request);
    const answer = this.script.shift() ?? (await this.standing(request));
    if ('hangUp' in answer) {
      req.socket.destroy();
      return;
    }
    if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
    this.answered(request);
    res.writeHead(answer.status, answer.headers).end(answer.body);
  }
}
