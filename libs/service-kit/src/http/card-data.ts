import { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { findCardData } from '../card-data/card-data.ts';
import type { Finding } from '../card-data/card-data.ts';
import { cardDataRefused } from '../card-data/refused.ts';
import type { AuthenticatedRequest } from './auth.ts';
import { Problem } from './problem.ts';
import type { ProblemItem } from './problem.ts';
import { pointerTo } from './validation.ts';

const logger = new Logger('CardData');

type Where = 'body' | 'header' | 'path' | 'query';

/** What of a request is looked at beside its path and query. */
export interface Inspected {
  body?: unknown;
  headers?: Readonly<Record<string, unknown>>;
}

/**
 * The tripwire: what looks like card data ends the request before anything of it is stored. Counted and logged as the
 * incident that it is, without a word of what was sent: also a property's name is the sender's.
 * @throws Problem 422 with the places, never with the values
 */
export function refuseCardData(request: AuthenticatedRequest, { body, headers = {} }: Inspected): void {
  const found: Readonly<Record<Where, readonly ProblemItem[]>> = {
    path: findCardData(request.params).map(({ path, detail }) => ({ parameter: path[0] ?? 'path', detail })),
    query: findCardData(request.query).map(({ path, detail }) => ({ parameter: path[0] ?? 'query', detail })),
    header: findCardData(headers).map(({ path, detail }) => ({ header: path[0] ?? '', detail })),
    body: findCardData(body).map(inBody),
  };
  const errors = Object.values(found).flat();
  if (errors.length === 0) return;
  const where = (Object.keys(found) as Where[]).filter((place) => found[place].length > 0);
  for (const place of where) cardDataRefused.inc({ where: place });
  const { method, id: requestId, routeOptions, caller } = request;
  const who = { tenant: caller?.tenantId, client: caller?.clientId };
  const what = { where, places: errors.length, method, route: routeOptions.url, ...who, requestId };
  logger.warn({ audit: 'card_data_refused', ...what }, 'card data refused');
  throw new Problem(422, 'card_data_not_accepted', "Card data is not taken here: send the provider's token.", {
    errors,
  });
}

function inBody({ path, detail }: Finding): ProblemItem {
  return { ...pointerTo(path), detail };
}

/** The first of all interceptors: after the caller is known, before anything looks at what was sent, or repeats it. */
@Injectable()
export class CardDataInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { body } = request;
    // A file is looked through by who stores it: it is masked, not refused.
    refuseCardData(request, { body: body instanceof Readable ? undefined : body });
    return next.handle();
  }
}
