import { Injectable } from '@nestjs/common';
import type { ExceptionFilter } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { AuthenticatedRequest } from '@quittance/service-kit/http/auth';
import { refuseCardData } from '@quittance/service-kit/http/card-data';
import { Problem } from '@quittance/service-kit/http/problem';
import { validated } from '@quittance/service-kit/http/validation';
import { Clock } from '@quittance/service-kit/clock';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../clients/client.ts';
import { Gatekeeper } from '../proxy/gatekeeper.ts';
import { PORTAL_TTL_MAX_SECONDS, Tokens } from './tokens.ts';

const path = '/webhook-portal/token';
const bodyLimit = 16 * 1024;

class PortalTokenDto {
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsUUID('all', { each: true, message: 'must be endpoint ids' })
  endpointIds?: string[];

  @IsOptional()
  @IsBoolean()
  readOnly?: boolean;

  @IsOptional()
  @IsInt()
  @Min(60)
  @Max(PORTAL_TTL_MAX_SECONDS)
  ttlSeconds?: number;
}

/**
 * `POST /webhook-portal/token`: what a client hands to a page that it embeds, so that a partner sees to its own
 * endpoints there. It holds scopes of webhooks and no others, so no other route takes it; the webhooks service keeps
 * it to its endpoints. Which endpoints there are is not looked up here: an id that is not the tenant's opens nothing.
 */
@Injectable()
export class PortalTokenEndpoint {
  constructor(
    private readonly gatekeeper: Gatekeeper,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    private readonly problems: ExceptionFilter,
  ) {}

  async register(fastify: FastifyInstance): Promise<void> {
    await fastify.register((scope, _options, done) => {
      scope.setErrorHandler((error, request, reply) => {
        this.problems.catch(error, new ExecutionContextHost([request, reply]));
      });
      scope.post(path, {
        bodyLimit,
        // Before a byte of the body is read, as on every route.
        onRequest: async (request: AuthenticatedRequest, reply) => {
          request.caller = await this.gatekeeper.admit(request, reply, 'webhooks:write');
        },
        handler: (request, reply) => this.issue(request, reply),
      });
      done();
    });
  }

  private async issue(request: FastifyRequest, reply: FastifyReply) {
    const { caller } = request as FastifyRequest & { caller: Principal };
    // Else a token of an hour would be one for ever.
    if (caller.portal) throw new Problem(403, 'forbidden', 'The token of a portal does not do for this.');
    refuseCardData(request, { body: request.body });
    const dto = await validated(PortalTokenDto, request.body ?? {});
    const readOnly = dto.readOnly ?? false;
    const ttlSeconds = dto.ttlSeconds ?? PORTAL_TTL_MAX_SECONDS;
    const endpointIds = dto.endpointIds ? [...new Set(dto.endpointIds.map((id) => id.toLowerCase()))] : null;
    const granted = readOnly ? ['webhooks:read'] : ['webhooks:read', 'webhooks:write'];
    const scopes = granted.filter((scope) => caller.scopes.includes(scope));
    const issuedAtMs = Math.floor(this.clock.now().getTime() / 1000) * 1000;
    const token = await this.tokens.issuePortalToken({ ...caller, scopes }, { endpointIds }, ttlSeconds);
    void reply.status(201).header('cache-control', 'no-store');
    const expiresAt = new Date(issuedAtMs + ttlSeconds * 1000).toISOString();
    return { token, expiresAt, scope: scopes.join(' '), endpointIds };
  }
}
