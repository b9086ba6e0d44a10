import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Problem } from '@quittance/service-kit/http/problem';
import { docsPage, DOCS_POLICY, problemPage } from './openapi/docs-page.ts';
import { problemTexts } from './openapi/problem-texts.ts';
import { ServiceDocumentsReader } from './openapi/service-documents.ts';
import { SECURITY_HEADERS } from './proxy/headers.ts';
import { Proxy } from './proxy/proxy.ts';
import { checkRoutes, routes } from './routes.ts';
import type { Route } from './routes.ts';
import { SigningKeys } from './tokens/signing-keys.ts';
import { PortalTokenEndpoint } from './tokens/portal-token-endpoint.ts';
import { TokenEndpoint } from './tokens/token-endpoint.ts';

/** The endpoints that the gateway answers itself. Everything else is in the route table. */
const ownRoutes: readonly Pick<Route, 'method' | 'path'>[] = [
  { method: 'POST', path: '/oauth/token' },
  { method: 'POST', path: '/webhook-portal/token' },
  { method: 'GET', path: '/.well-known/jwks.json' },
  { method: 'GET', path: '/openapi.json' },
  { method: 'GET', path: '/docs' },
  { method: 'GET', path: '/docs/problems/{code}' },
];

/** The time in which a whole request must have arrived: a client that sends a byte a minute does not hold a socket. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Everything that the outside can reach. Fastify routes, not controllers: nearly nothing here has a body of ours. */
export async function openDoor(app: NestFastifyApplication): Promise<void> {
  checkRoutes(routes);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.server.requestTimeout = REQUEST_TIMEOUT_MS;
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    done();
  });
  servePublicKeys(fastify, app);
  serveDocuments(fastify, app);
  await app.get(TokenEndpoint).register(fastify);
  await app.get(PortalTokenEndpoint).register(fastify);
  await app.get(Proxy).register(fastify, routes, ownRoutes);
}

function servePublicKeys(fastify: FastifyInstance, app: INestApplicationContext): void {
  const body = JSON.stringify(app.get(SigningKeys).published);
  fastify.get('/.well-known/jwks.json', (_request, reply) => {
    void reply.type('application/json').header('cache-control', 'public, max-age=300').send(body);
  });
}

function serveDocuments(fastify: FastifyInstance, app: INestApplicationContext): void {
  const reader = app.get(ServiceDocumentsReader);
  fastify.get('/openapi.json', async (_request, reply) => reply.send(await reader.document()));
  fastify.get('/docs', async (_request, reply: FastifyReply) => {
    return sendPage(reply, docsPage(await reader.document()));
  });
  fastify.get<{ Params: { code: string } }>('/docs/problems/:code', (request, reply) => {
    const { code } = request.params;
    const text = Object.hasOwn(problemTexts, code) ? problemTexts[code] : undefined;
    if (!text) throw new Problem(404, 'not_found', 'There is no such problem.');
    return sendPage(reply, problemPage(code, text));
  });
}

function sendPage(reply: FastifyReply, page: string) {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', DOCS_POLICY).send(page);
}
