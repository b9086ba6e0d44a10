import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import type { AuthenticatedRequest, Caller } from '@quittance/service-kit/http/auth';
import { notFound, Problem } from '@quittance/service-kit/http/problem';
import type { Observable } from 'rxjs';
import { DeliveryLogRepository } from '../deliveries/delivery-log.repository.ts';
import { portalAccess } from '../domain/portal.ts';

/**
 * What an embedded portal may do, for every route at once, before anything of it is done. An endpoint that its token is
 * not for is to it what another tenant's is: it does not exist.
 */
@Injectable()
export class PortalInterceptor implements NestInterceptor {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveryLogRepository,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() === 'http') {
      const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
      if (request.caller?.portal) await this.admit(request, request.caller);
    }
    return next.handle();
  }

  private async admit(request: AuthenticatedRequest, { tenantId, portal }: Caller): Promise<void> {
    const access = portalAccess(request.method, request.routeOptions.url ?? '');
    if (access === 'closed') throw refused();
    const only = portal?.endpointIds;
    if (access === 'open' || !only) return;
    if (access === 'unlimited') throw refused();
    const { id = '' } = request.params as { id?: string };
    if (access === 'endpoint') {
      if (!only.includes(id.toLowerCase())) throw notFound('webhook endpoint', id);
      return;
    }
    const endpointId = await this.db.withTenant(tenantId, (tx) => this.deliveries.endpointOf(tx, tenantId, id));
    if (endpointId === null || !only.includes(endpointId)) throw notFound('webhook delivery', id);
  }
}

function refused(): Problem {
  return new Problem(403, 'forbidden', 'The token of a portal does not do for this.');
}
