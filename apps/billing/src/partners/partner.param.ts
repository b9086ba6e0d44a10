import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { callerOf } from '@quittance/service-kit/http/auth';
import type { AuthenticatedRequest } from '@quittance/service-kit/http/auth';
import { notFound } from '@quittance/service-kit/http/problem';
import type { PartnerKey } from '../domain/partner-quote.ts';

/**
 * Parameter of a route below `/x/partners/{partner_id}`: the partner that asks, who is the one of the path. The
 * gateway has seen to that already; here it is 404 once more, so that no other way in passes it by.
 */
export const Partner = createParamDecorator((_data: unknown, context: ExecutionContext): PartnerKey => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  const { tenantId, partnerId } = callerOf(request);
  const { partner_id: named = '' } = request.params as Record<string, string>;
  if (partnerId === undefined || partnerId !== named) throw notFound('partner', named.slice(0, 64));
  return { tenantId, partnerId };
});
