import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { EnabledEndpointDto, EnableEndpointDto, RecoverEndpointDto } from './recovery.dto.ts';
import { ReplayDto } from './replay.dto.ts';
import { ReplaysService } from './replays.service.ts';

const Id = () => PathId('id', 'webhook endpoint');

@ApiTags('webhooks')
@Controller('webhook-endpoints')
export class RecoveryController {
  constructor(private readonly replays: ReplaysService) {}

  @Post(':id/enable')
  @HttpCode(HttpStatus.OK)
  @RequireScope('webhooks:write')
  @ApiOkResponse({ type: EnabledEndpointDto })
  enableWebhookEndpoint(
    @Id() id: string,
    @Body() dto: EnableEndpointDto,
    @Once() once: Once,
  ): Promise<EnabledEndpointDto> {
    return once(async (tx, { tenantId }) =>
      EnabledEndpointDto.fromEnabled(await this.replays.enable(tx, tenantId, id, dto.recover ?? false)),
    );
  }

  @Post(':id/recover')
  @RequireScope('webhooks:write')
  @ApiCreatedResponse({ type: ReplayDto })
  recoverWebhookEndpoint(@Id() id: string, @Body() dto: RecoverEndpointDto, @Once() once: Once): Promise<ReplayDto> {
    const { since, ...wanted } = dto;
    const from = { since: since === undefined ? undefined : new Date(since), endpointId: id };
    return once(async (tx, { tenantId }) =>
      ReplayDto.from(await this.replays.recover(tx, tenantId, { ...wanted, ...from })),
    );
  }
}
