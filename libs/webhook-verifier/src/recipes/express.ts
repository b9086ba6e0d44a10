import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebhookRefused, WebhookVerifier } from '@quittance/webhook-verifier';
import { SeenIds } from '@quittance/webhook-verifier/seen-ids';

const verifier = new WebhookVerifier(process.env['WEBHOOK_SECRET'] ?? '');
const seen = new SeenIds();
export const booked: unknown[] = [];
const bytesMax = 1024 * 1024;

/** For `app.post('/webhooks', receiveWebhook)`, above `app.use(express.json())`, which would use up the bytes. */
export async function receiveWebhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { id, payload } = verifier.verify(await bytesOf(request), request.headers);
    await seen.once(id, () => void booked.push(payload));
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(error instanceof WebhookRefused ? 401 : 500).end();
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
