import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Public } from '@quittance/service-kit/http/auth';
import { notFound } from '@quittance/service-kit/http/problem';
import type { FastifyReply } from 'fastify';
import { PublicKeyDto, PublicKeysQuery, PublicKeySetDto } from './endpoint-secret.dto.ts';
import { EndpointSecretsService } from './endpoint-secrets.service.ts';

/** Who asks is nobody's tenant: row-level security then shows no row, only what is published. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** The public keys of an endpoint, for whoever knows its id: a receiver needs no credential of ours to verify. */
@ApiTags('webhooks')
@Controller('.well-known')
export class PublicKeysController {
  constructor(
    private readonly db: Database,
    private readonly secrets: EndpointSecretsService,
  ) {}

  /** An endpoint without such keys is not told from one that is not there, and that answer is kept by no cache. */
  @Get('webhooks-jwks.json')
  @Public()
  @ApiOkResponse({ type: PublicKeySetDto })
  async getWebhookKeys(
    @Query() { endpoint }: PublicKeysQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicKeySetDto> {
    const keys = await this.db.withTenant(nobody, (tx) => this.secrets.published(tx, endpoint));
    if (keys.length === 0) throw notFound('webhook endpoint with public keys', endpoint);
    void reply.header('cache-control', 'public, max-age=300');
    return { keys: keys.map((key) => PublicKeyDto.from(key)) };
  }
}
