import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { kindOf } from '../domain/secret.ts';
import { EndpointSecretDto, EndpointSecretsDto, RotatedSecretDto, RotateSecretDto } from './endpoint-secret.dto.ts';
import { EndpointSecretsService } from './endpoint-secrets.service.ts';
import type { RotationRequest } from './endpoint-secrets.service.ts';

const Id = () => PathId('id', 'webhook endpoint');

@ApiTags('webhooks')
@Controller('webhook-endpoints')
export class EndpointSecretsController {
  constructor(
    private readonly db: Database,
    private readonly secrets: EndpointSecretsService,
  ) {}

  /** The secret is added outside `once`: what an Idempotency-Key remembers is stored in the clear. */
  @Post(':id/rotate-secret')
  @RequireScope('webhooks:write')
  @ApiCreatedResponse({ type: RotatedSecretDto })
  async rotateWebhookSecret(
    @Id() id: string,
    @Body() dto: RotateSecretDto,
    @Caller() { tenantId }: Caller,
    @Once() once: Once,
  ): Promise<RotatedSecretDto> {
    const made = await once(async (tx) =>
      EndpointSecretDto.from(await this.secrets.rotate(tx, { tenantId, id }, requestOf(dto))),
    );
    const secret = await this.db.withTenant(tenantId, (tx) => this.secrets.reveal(tx, tenantId, made.id));
    return { ...made, secret };
  }

  @Get(':id/secrets')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: EndpointSecretsDto })
  async listWebhookSecrets(@Id() id: string, @Caller() { tenantId }: Caller): Promise<EndpointSecretsDto> {
    const secrets = await this.db.withTenant(tenantId, (tx) => this.secrets.list(tx, { tenantId, id }));
    return { items: secrets.map((secret) => EndpointSecretDto.from(secret)), nextCursor: null };
  }

  @Delete(':id/secrets/:secretId')
  @RequireScope('webhooks:write')
  @ApiOkResponse({ type: EndpointSecretDto, description: 'It signs nothing from now on.' })
  removeWebhookSecret(
    @Id() id: string,
    @PathId('secretId', 'secret of this webhook endpoint') secretId: string,
    @Once() once: Once,
  ): Promise<EndpointSecretDto> {
    return once(async (tx, { tenantId }) =>
      EndpointSecretDto.from(await this.secrets.remove(tx, { tenantId, id }, { secretId })),
    );
  }
}

function requestOf({ kind, overlapSeconds, notBefore }: RotateSecretDto): RotationRequest {
  return {
    kind: kind && kindOf[kind],
    overlapSeconds,
    notBefore: notBefore === undefined ? undefined : new Date(notBefore),
  };
}
