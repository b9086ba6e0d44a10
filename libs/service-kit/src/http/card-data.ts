import { Readable } from 'node:stream';
import { Injectable, Logger, SetMetadata } from '@nestjs/common';
import type { CallHandler, CustomDecorator, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
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

const SIGNED_BODY = 'quittance:signed-body';

/**
 * A route whose body its sender signed: a provider's word, full of references that machines made. One in 26 of sixteen
 * digits looks like a card number, and a notification that is refused for it never comes through. Nothing of such a
 * body may be kept but the fields that are read from it.
 */
export function SignedBody(): CustomDecorator {
  return SetMetadata(SIGNED_BODY, true);
}

/** The first of all interceptors: after the caller is known, before anything looks at what was sent, or repeats it. */
@Injectable()
export class CardDataInterceptor implements NestInterceptor {
  private readonly reflector = new Reflector();

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const isSigned = this.reflector.get<boolean | undefined>(SIGNED_BODY, context.getHandler());
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { body } = request;
    // A file is looked through by who stores it: it is masked, not refused.
    refuseCardData(request, { body: isSigned || body instanceof Readable ? undefined : body });
    return next.handle();
  }
}
