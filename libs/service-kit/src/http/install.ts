import { DiscoveryService } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Idempotency } from '../database/idempotency.ts';
import type { PinoLogger } from '../telemetry/logger.ts';
import { AuthGuard } from './auth.guard.ts';
import { CardDataInterceptor } from './card-data.ts';
import { assertEveryRouteHasAScope } from './default-deny.ts';
import { readFileBodies } from './file-body.ts';
import { readJsonBodies } from './json-body.ts';
import type { OnceRequest } from './once.ts';
import type { ProblemCatalogue } from './problem.ts';
import { ProblemFilter } from './problem.filter.ts';
import { closeConnectionsWhen, observeRequests } from './server.ts';
import { UnknownQueryInterceptor } from './unknown-query.interceptor.ts';
import { StrictValidationPipe } from './validation.ts';

export interface HttpParts {
  logger: PinoLogger;
  problems: ProblemCatalogue;
  problemsUrl: string;
  /** What `@Once()` uses; a service without a database has none. */
  idempotency?: Idempotency;
  isDraining: () => boolean;
}

/** The way of a request: body, credential, scope, card data, validation, handler, problem. In every service. */
export function installHttp(app: NestFastifyApplication, parts: HttpParts): void {
  assertEveryRouteHasAScope(app.get(DiscoveryService));
  const fastify = app.getHttpAdapter().getInstance();
  readJsonBodies(fastify);
  readFileBodies(fastify);
  observeRequests(fastify, parts.logger);
  closeConnectionsWhen(parts.isDraining, fastify);
  const { idempotency } = parts;
  if (idempotency) {
    fastify.addHook('onRequest', (request: OnceRequest, _reply, done) => {
      request.idempotency = idempotency;
      done();
    });
  }
  app.useGlobalGuards(app.get(AuthGuard));
  app.useGlobalPipes(new StrictValidationPipe());
  app.useGlobalInterceptors(new CardDataInterceptor(), new UnknownQueryInterceptor());
  app.useGlobalFilters(new ProblemFilter(parts.problems, parts.problemsUrl));
}
