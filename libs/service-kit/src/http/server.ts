import { FastifyAdapter } from '@nestjs/platform-fastify';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { holdsCardNumber } from '../card-data/card-number.ts';
import { newId } from '../id.ts';
import { metrics } from '../telemetry/metrics.ts';
import type { PinoLogger } from '../telemetry/logger.ts';
import type { AuthenticatedRequest } from './auth.ts';

export interface HttpOptions {
  bodyLimitBytes: number;
  trustProxy?: string[] | undefined;
}

const REQUEST_ID = /^[\w.-]{8,64}$/;

/** Fastify as every service runs it. Keep-alive sockets without a request are closed at shutdown, else they hang it. */
export function createHttpAdapter({ bodyLimitBytes, trustProxy }: HttpOptions): FastifyAdapter {
  return new FastifyAdapter({
    forceCloseConnections: 'idle',
    bodyLimit: bodyLimitBytes,
    trustProxy: trustProxy ?? false,
    // The id of the door, when a request came through it: one id from the client's answer to our log.
    genReqId: (request: IncomingMessage) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) && !holdsCardNumber(given) ? given : newId();
    },
    // A request that trickles in for longer than this holds a socket, not work.
    requestTimeout: 120_000,
    // While draining, what still arrives on an open connection is served, and its answer closes the connection.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
  });
}

/** One wide log line, one histogram sample and one span name a request; bodies and queries are in none of them. */
export function observeRequests(fastify: FastifyInstance, { pino }: PinoLogger): void {
  const seconds = metrics.histogram('http_request_seconds', 'Time to answer', ['method', 'route', 'status']);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    const rpc = getRPCMetadata(context.active());
    if (rpc?.type === RPCType.HTTP && request.routeOptions.url) rpc.route = request.routeOptions.url;
    done();
  });
  fastify.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { tenantId: tenant, clientId: client } = (request as AuthenticatedRequest).caller ?? {};
    const { method } = request;
    // The template, never the path: a path holds ids, which are no metric labels and no log fields.
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    seconds.observe({ method, route, status: String(status) }, reply.elapsedTime / 1000);
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    pino.info(
      { method, route, status, ms, tenant, client, requestId: request.id, replayed: isReplay(reply) },
      'request',
    );
    done();
  });
}

function isReplay(reply: FastifyReply): true | undefined {
  return reply.getHeader('idempotent-replayed') === 'true' ? true : undefined;
}

/**
 * While draining, every answer closes its connection. Otherwise a client keeps it, the server waits for it until the
 * phase is over, and the client's next request meets a process that is gone.
 */
export function closeConnectionsWhen(isDraining: () => boolean, fastify: FastifyInstance): void {
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining()) void reply.header('connection', 'close');
    done(null, payload);
  });
}
