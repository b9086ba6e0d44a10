import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { parseJson } from '@quittance/service-kit/http/json-body';
import { Problem } from '@quittance/service-kit/http/problem';

/**
 * Reads forms for the hosted page. Everything else of this service speaks JSON: a form there is 415. The printed
 * requests for payment links are JSON that curl, told nothing else, calls a form.
 */
@Injectable()
export class FormBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  onModuleInit(): void {
    this.host.httpAdapter
      .getInstance()
      .addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
        const { url = '' } = request.routeOptions;
        if (url === '/pay/:token') done(null, Object.fromEntries(new URLSearchParams(body as string)));
        else if (url.startsWith('/api/v1/')) readAsJson(body as string, done);
        else done(new Problem(415, 'unsupported_media_type', 'The content type is not supported.'));
      });
  }
}

function readAsJson(body: string, done: (error: Error | null, value?: unknown) => void): void {
  try {
    done(null, parseJson(Buffer.from(body)));
  } catch (error) {
    done(error as Error);
  }
}
