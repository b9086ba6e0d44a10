import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { parseJson } from './json-body.ts';
import { Problem } from './problem.ts';

/**
 * The printed requests of links and subscriptions are JSON that curl, told nothing else, calls a form: on their routes
 * it is read as what it is. A form anywhere else is 415, but where a service reads one.
 */
@Injectable()
export class CurlBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  onModuleInit(): void {
    this.host.httpAdapter
      .getInstance()
      .addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
        try {
          done(null, this.read(request.routeOptions.url ?? '', body as string));
        } catch (error) {
          done(error as Error);
        }
      });
  }

  /** @param url of the route, with the names of its parameters */
  protected read(url: string, body: string): unknown {
    if (url.startsWith('/api/v1/')) return parseJson(Buffer.from(body));
    throw new Problem(415, 'unsupported_media_type', 'The content type is not supported.');
  }
}
