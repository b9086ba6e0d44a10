import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { EndpointDetailDto } from '../health/endpoint-health.dto.ts';
import { HealthService } from '../health/health.service.ts';
import {
  CreatedEndpointDto,
  CreateEndpointDto,
  EndpointDto,
  EndpointPageDto,
  UpdateEndpointDto,
} from './endpoint.dto.ts';
import { EndpointSecretsService } from './endpoint-secrets.service.ts';
import { EndpointsService } from './endpoints.service.ts';

const Id = () => PathId('id', 'webhook endpoint');

@ApiTags('webhooks')
@Controller('webhook-endpoints')
export class EndpointsController {
  constructor(
    private readonly db: Database,
    private readonly endpoints: EndpointsService,
    private readonly health: HealthService,
    private readonly secrets: EndpointSecretsService,
  ) {}

  /** The secret is added outside `once`: what an Idempotency-Key remembers is stored in the clear. */
  @Post()
  @RequireScope('webhooks:write')
  @ApiCreatedResponse({ type: CreatedEndpointDto })
  async createWebhookEndpoint(
    @Body() dto: CreateEndpointDto,
    @Caller() caller: Caller,
    @Once() once: Once,
  ): Promise<CreatedEndpointDto> {
    const made = await once(async (tx) =>
      CreatedEndpointDto.made(await this.endpoints.create(tx, caller.tenantId, dto)),
    );
    const secret = await this.db.withTenant(caller.tenantId, (tx) =>
      this.secrets.reveal(tx, caller.tenantId, made.secretId),
    );
    return { ...made, secret };
  }

  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: EndpointPageDto })
  async listWebhookEndpoints(
    @Query() query: CursorQuery,
    @Caller() { tenantId, portal }: Caller,
  ): Promise<EndpointPageDto> {
    const asked = { before: decodeCursor(query.cursor), limit: query.limit + 1, only: portal?.endpointIds ?? null };
    const rows = await this.db.withTenant(tenantId, (tx) => this.endpoints.page(tx, tenantId, asked));
    const page = keysetPage(rows, query.limit, ({ id }) => id);
    return { items: page.rows.map((row) => EndpointDto.from(row)), nextCursor: page.next };
  }

  @Get(':id')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: EndpointDetailDto })
  async getWebhookEndpoint(@Id() id: string, @Caller() { tenantId }: Caller): Promise<EndpointDetailDto> {
    return EndpointDetailDto.fromDetail(
      await this.db.withTenant(tenantId, (tx) => this.health.detail(tx, tenantId, id)),
    );
  }

  @Patch(':id')
  @RequireScope('webhooks:write')
  @ApiOkResponse({ type: EndpointDto })
  changeWebhookEndpoint(@Id() id: string, @Body() dto: UpdateEndpointDto, @Once() once: Once): Promise<EndpointDto> {
    return once(async (tx, { tenantId }) => EndpointDto.from(await this.endpoints.change(tx, tenantId, id, dto)));
  }

  @Delete(':id')
  @RequireScope('webhooks:write')
  @ApiOkResponse({ type: EndpointDto, description: 'What still waited for the endpoint is aborted.' })
  removeWebhookEndpoint(@Id() id: string, @Once() once: Once): Promise<EndpointDto> {
    return once(async (tx, { tenantId }) => EndpointDto.from(await this.endpoints.remove(tx, tenantId, id)));
  }
}
