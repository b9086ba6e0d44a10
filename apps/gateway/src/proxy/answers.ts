import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Problem } from '@quittance/service-kit/http/problem';
import type { FastifyReply } from 'fastify';
import { isOpen } from '../routes.ts';
import type { Route } from '../routes.ts';

/** Up to this, an answer is taken in whole before it goes out. */
const SHORT_ANSWER_BYTES = 64 * 1024;

export interface Answer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  stream: Readable & { bytes(): Promise<Uint8Array> };
}

/**
 * A short answer goes out in one piece, which costs less than a stream and breaks as a whole; what is longer passes
 * as it comes.
 */
export function passOn(reply: FastifyReply, route: Route, { statusCode, headers, stream }: Answer): void {
  // An open route carries no token of ours: there, 401 is the service's own word on what the caller sent.
  if (statusCode === 401 && !isOpen(route.scope)) return refusedInside(reply, route, stream);
  const declared = headers['content-length'];
  if (declared === undefined || Number(declared) > SHORT_ANSWER_BYTES || reply.request.method === 'HEAD')
    return void reply.send(stream);
  stream.bytes().then(
    (bytes) => void reply.send(bytes),
    (error: Error) => {
      // What the broken answer said of itself is not true of the problem.
      for (const name in headers) reply.removeHeader(name);
      void reply.send(unavailable(error, route));
    },
  );
}

export function unavailable(error: Error, { service }: Route): Problem {
  if (error.cause instanceof Problem) return error.cause;
  const late = 'statusCode' in error && error.statusCode === 504;
  const detail = late
    ? `The ${service} service did not answer in time; the request may still take effect.`
    : `The ${service} service is not available.`;
  return new Problem(503, 'unavailable', detail, { retryAfter: 1, cause: error });
}

/** The caller is who it says: a service that refuses our token is our fault, and 401 would send the caller looking. */
function refusedInside(reply: FastifyReply, { service }: Route, stream: { destroy(): void }): void {
  stream.destroy();
  const cause = new Error(`the ${service} service refused an internal token`);
  void reply.send(
    new Problem(503, 'unavailable', `The ${service} service is not available.`, { retryAfter: 1, cause }),
  );
}
