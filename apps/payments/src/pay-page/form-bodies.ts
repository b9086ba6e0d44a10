import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Problem } from '@quittance/service-kit/http/problem';

/** Reads forms for the hosted page. Everything else of this service speaks JSON: a form there is 415, as before. */
@Injectable()
export class FormBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  onModuleInit(): void {
    this.host.httpAdapter
      .getInstance()
      .addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
        if (request.routeOptions.url === '/pay/:token')
          done(null, Object.fromEntries(new URLSearchParams(body as string)));
        else done(new Problem(415, 'unsupported_media_type', 'The content type is not supported.'));
      });
  }
}
