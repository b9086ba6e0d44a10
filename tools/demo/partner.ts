// A partner's webhook endpoint as a partner would write it: the public Standard Webhooks library and nothing of ours.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Delivery {
  id: string;
  type: string;
  sequence: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a partner reads what comes; the facts are checked
  data: Record<string, any>;
}

export class Partner {
  readonly verified: Delivery[] = [];
  /** Why a delivery was refused. */
  readonly refused: string[] = [];
  private webhook: Webhook | undefined;
  private readonly server = createServer((request, response) => void this.receive(request, response));

  static async listen(): Promise<Partner> {
    const partner = new Partner();
    await new Promise<void>((resolve, reject) => {
      partner.server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return partner;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks`;
  }

  /** The secret comes with the answer to the registration; a delivery before that is asked to come again. */
  trust(secret: string): void {
    this.webhook = new Webhook(secret);
  }

  find(type: string, fits: (data: Delivery['data']) => boolean): Delivery | undefined {
    return this.verified.find((delivery) => delivery.type === type && fits(delivery.data));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!this.webhook) return void response.writeHead(503, { 'retry-after': '1' }).end();
    try {
      const headers = request.headers as Record<string, string>;
      const delivery = this.webhook.verify(Buffer.concat(chunks).toString(), headers) as Delivery;
      // at least once: the same message again is answered and otherwise ignored
      if (!this.verified.some(({ id }) => id === delivery.id)) this.verified.push(delivery);
      response.writeHead(204).end();
    } catch (error) {
      this.refused.push((error as Error).message);
      response.writeHead(400).end();
    }
  }
}
