import { createParamDecorator, SetMetadata } from '@nestjs/common';
import type { CustomDecorator, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who asks: taken from a verified token, never from the request's path or body. */
export interface Caller {
  readonly tenantId: string;
  readonly clientId: string;
  /** The partner of the tenant that asks, where it is one: it sees what is its own and nothing else. */
  readonly partnerId?: string;
  /** The tenant's: what an amount is in that names no currency. */
  readonly currency: string;
  readonly scopes: readonly string[];
  /** Set where it is a portal that somebody embedded, with a token made for it: it may do less than its scopes say. */
  readonly portal?: Portal;
}

/** What an embedded portal is for. */
export interface Portal {
  /** null: every endpoint of the tenant. */
  readonly endpointIds: readonly string[] | null;
}

/** The claim of a token that says what portal it is for; undefined where there is none. Throws where it is no claim. */
export function portalOf(claim: unknown): Portal | undefined {
  if (claim === undefined) return undefined;
  const { endpoints } = (claim ?? {}) as { endpoints?: unknown };
  if (endpoints === null) return Object.freeze({ endpointIds: null });
  if (!Array.isArray(endpoints) || !endpoints.every((id) => typeof id === 'string')) {
    throw new Error('a portal claim names endpoints, or null for all');
  }
  return Object.freeze({ endpointIds: Object.freeze([...endpoints]) });
}

export const SCOPE = 'quittance:scope';
export const PUBLIC = 'quittance:public';

/** The scope that a route, or every route of a controller, asks of its caller. */
export function RequireScope(scope: string): CustomDecorator {
  return SetMetadata(SCOPE, scope);
}

/** A route without authentication, for the very few. Without this or a scope the service does not start. */
export function Public(): CustomDecorator {
  return SetMetadata(PUBLIC, true);
}

export type AuthenticatedRequest = FastifyRequest & { caller?: Caller };

/** The caller of this request. On a `@Public()` route there is none, which is a mistake of ours. */
export function callerOf(request: AuthenticatedRequest): Caller {
  if (!request.caller) throw new Error('this route is public: it has no caller');
  return request.caller;
}

/** Parameter of a route: the verified caller. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<AuthenticatedRequest>()),
);
