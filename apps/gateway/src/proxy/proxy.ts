import type { IncomingHttpHeaders } from 'node:http';
import replyFrom from '@fastify/reply-from';
import type { ExceptionFilter } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { AuthenticatedRequest } from '@quittance/service-kit/http/auth';
import { Problem } from '@quittance/service-kit/http/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { Agent } from 'undici';
import type { Principal } from '../clients/client.ts';
import { methodsByPath, DEFAULT_BODY_LIMIT_BYTES, isOfPartners, isOpen } from '../routes.ts';
import type { Route, Service } from '../routes.ts';
import { Tokens } from '../tokens/tokens.ts';
import { passOn, unavailable } from './answers.ts';
import type { Answer } from './answers.ts';
import { limitedBody } from './body-limit.ts';
import { refuseCardDataIn } from './card-data.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { PartnerGate } from './partner-gate.ts';
import { requestHeaders, responseHeaders } from './headers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The token that speaks for the caller to the route's service; without a caller there is none. */
    internalToken: string | undefined;
  }

  interface FastifyContextConfig {
    bodyLimitBytes?: number;
    isSigned?: boolean;
  }
}

type Done = (error?: Error) => void;

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];
const CONNECT_TIMEOUT_MS = 1_000;
/**
 * A dot segment, plain or encoded, an empty one, or a backslash: a URL parser behind us might read another path than
 * our router.
 */
const AMBIGUOUS_PATH = /^[^?]*(?:\\|\/(?:(?:\.|%2e){1,2})?(?:[/?]|$))/i;

export interface ProxyOptions {
  upstreams: Record<Service, string>;
  connectionsMax: number;
  /** For routes that name none. */
  timeoutMs: number;
  problems: ExceptionFilter;
}

/**
 * Carries each request of the route table to its service and the answer back, over kept connections: JSON and forms
 * once they are looked through for card data, all other bodies as streams. What a crash here costs: requests in flight
 * end without an answer; repeated with the same Idempotency-Key they act once.
 */
@Injectable()
export class Proxy {
  constructor(
    private readonly gatekeeper: Gatekeeper,
    private readonly partnerGate: PartnerGate,
    private readonly tokens: Tokens,
    private readonly options: ProxyOptions,
  ) {}

  /** Registers every route of the table, and 405 for the other methods of their paths and of `ownPaths`. */
  async register(fastify: FastifyInstance, routes: readonly Route[], own: readonly Pick<Route, 'method' | 'path'>[]) {
    await fastify.register(async (scope) => {
      const agent = new Agent({ connections: this.options.connectionsMax, connect: { timeout: CONNECT_TIMEOUT_MS } });
      scope.addHook('onClose', () => agent.close());
      // Ours, not the copy that the plugin brings; and no cache of URLs: nearly every path has another id.
      await scope.register(replyFrom, { undici: agent as never, disableCache: true, disableRequestLogging: true });
      scope.decorateRequest('internalToken', undefined);
      scope.setErrorHandler((error, request, reply) => {
        this.options.problems.catch(error, new ExecutionContextHost([request, reply]));
      });
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (request, _payload, done) => {
        try {
          done(null, limitedBody(request.raw, limitOf(request)));
        } catch (error) {
          done(error as Error);
        }
      });
      refuseCardDataIn(scope);
      for (const route of routes) this.proxied(scope, route);
      for (const [path, methods] of methodsByPath([...routes, ...own] as Route[])) refuseOthers(scope, path, methods);
    });
  }

  private proxied(scope: FastifyInstance, route: Route): void {
    const upstream = this.options.upstreams[route.service];
    const { bodyLimitBytes = DEFAULT_BODY_LIMIT_BYTES } = route;
    const replyOptions = {
      getUpstream: () => upstream,
      timeout: route.timeoutMs ?? this.options.timeoutMs,
      rewriteRequestHeaders: (request: FastifyRequest) =>
        requestHeaders(
          request.headers,
          {
            internalToken: request.internalToken,
            requestId: request.id,
            ip: request.ip,
            hasBody: request.body !== undefined,
          },
          route.forwards,
        ),
      rewriteHeaders: (headers: IncomingHttpHeaders) => responseHeaders(headers),
      retryDelay: retryStaleConnection,
      onResponse: (_request: unknown, reply: FastifyReply, answer: Answer) => passOn(reply, route, answer),
      onError: (reply: FastifyReply, { error }: { error: Error }) => void reply.send(unavailable(error, route)),
    };
    const bodyChecks = isOfPartners(route) ? [(request: FastifyRequest) => this.partnerGate.checkBody(request)] : [];
    for (const url of urlsOf(route)) {
      scope.route({
        method: route.method,
        url,
        config: { bodyLimitBytes, isSigned: route.scope === 'signed' },
        // JSON and forms are read whole: a route that takes large files takes no large JSON.
        bodyLimit: Math.min(bodyLimitBytes, DEFAULT_BODY_LIMIT_BYTES),
        onRequest: (request, reply, done) => this.enter(request, reply, { route, done }),
        preHandler: bodyChecks,
        handler: ({ body, headers, raw }, reply) => {
          const whole = Buffer.isBuffer(body) ? { body, contentType: headers['content-type'] } : {};
          void reply.from(isOfPartners(route) ? pathOf(raw) : undefined, { ...replyOptions, ...whole } as never);
        },
      });
    }
  }

  private enter(request: FastifyRequest, reply: FastifyReply, { route, done }: { route: Route; done: Done }): void {
    const path = isOfPartners(route) ? pathOf(request.raw) : (request.raw.url ?? '');
    if (AMBIGUOUS_PATH.test(path)) throw new Problem(404, 'not_found', 'There is nothing at this path.');
    const token = this.admit(request, reply, route);
    if (!(token instanceof Promise)) {
      request.internalToken = token;
      return done();
    }
    token.then(
      (minted) => {
        request.internalToken = minted;
        done();
      },
      (error: Error) => done(error),
    );
  }

  /** The internal token of the caller; none on an open route, whatever the request says of itself. */
  private admit(request: FastifyRequest, reply: FastifyReply, route: Route) {
    const { scope, service } = route;
    if (isOpen(scope)) {
      this.gatekeeper.admitStranger(request, scope);
      return undefined;
    }
    const authorise = (principal: Principal) => {
      (request as AuthenticatedRequest).caller = principal;
      return this.tokens.internalToken(principal, service);
    };
    const gate = isOfPartners(route) ? this.partnerGate : this.gatekeeper;
    const admitted = gate.admit(request, reply, scope);
    return admitted instanceof Promise ? admitted.then(authorise) : authorise(admitted);
  }
}

function limitOf(request: FastifyRequest): number {
  const { bodyLimitBytes } = request.routeOptions.config as { bodyLimitBytes?: number };
  return bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES;
}

/** A partner's path is also written with a slash at its end; behind the door it has one spelling. */
function urlsOf(route: Pick<Route, 'path'>): string[] {
  const url = fastifyPath(route.path);
  return isOfPartners(route) ? [url, `${url}/`] : [url];
}

function pathOf({ url = '' }: { url?: string | undefined }): string {
  return url.split('?', 1)[0]!.replace(/\/$/, '');
}

function fastifyPath(path: string): string {
  return path.replace(/\{([^}]*)\}/g, ':$1');
}

function refuseOthers(scope: FastifyInstance, path: string, methods: readonly string[]): void {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  for (const url of urlsOf({ path })) {
    scope.route({
      method: METHODS.filter((method) => !allowed.includes(method)),
      url,
      handler: (_request, reply) => {
        void reply.header('allow', allowed.join(', '));
        throw new Problem(405, 'method_not_allowed', `This path takes ${allowed.join(', ')}.`);
      },
    });
  }
}

/**
 * A service closes an idle connection just as we take it: a GET may go again, once. Nothing else is ever sent twice.
 */
function retryStaleConnection({ err, req, attempt }: { err: unknown; req: { method: string }; attempt: number }) {
  const code = (err as { code?: string } | null)?.code;
  return req.method === 'GET' && attempt === 0 && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') ? 1 : null;
}
