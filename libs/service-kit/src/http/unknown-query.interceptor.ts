import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { invalidRequest } from './problem.ts';

/**
 * An unknown parameter is 400 also where a route takes none: a misspelt filter must not quietly answer everything.
 * Routes with a query DTO are the validation pipe's.
 */
@Injectable()
export class UnknownQueryInterceptor implements NestInterceptor {
  private readonly takesQuery = new WeakMap<object, boolean>();

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { query } = context.switchToHttp().getRequest<FastifyRequest>();
    const names = Object.keys(query as object);
    if (names.length > 0 && !this.hasQuery(context)) {
      throw invalidRequest(names.map((parameter) => ({ parameter, detail: `unknown parameter ${parameter}` })));
    }
    return next.handle();
  }

  private hasQuery(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    let known = this.takesQuery.get(handler);
    if (known === undefined) {
      const metadata: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name);
      const types = Object.keys(metadata ?? {}).map((key) => Number(key.split(':')[0]));
      // A handler that takes the raw request looks after its query itself.
      known = types.some(
        (type) => type === (RouteParamtypes.QUERY as number) || type === (RouteParamtypes.REQUEST as number),
      );
      this.takesQuery.set(handler, known);
    }
    return known;
  }
}
