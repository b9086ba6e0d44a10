import { WebhookRefused, WebhookVerifier } from '@quittance/webhook-verifier';
import { SeenIds } from '@quittance/webhook-verifier/seen-ids';
import { fastify } from 'fastify';

const verifier = new WebhookVerifier(process.env['WEBHOOK_SECRET'] ?? '');
const seen = new SeenIds();
export const booked: unknown[] = [];

export const app = fastify();

// A scope of its own: other routes go on reading JSON, this one gets the bytes.
app.register(async (scope) => {
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  scope.setErrorHandler((error, _request, reply) => reply.code(error instanceof WebhookRefused ? 401 : 500).send());
  scope.post('/webhooks', async (request, reply) => {
    const { id, payload } = verifier.verify(request.body as Buffer, request.headers);
    await seen.once(id, () => void booked.push(payload));
    return reply.code(204).send();
  });
});
