import { Body, Controller, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { DeliveriesService } from './deliveries.service.ts';
import { DeliveriesQuery, DeliveryDetailDto, DeliveryDto, DeliveryPageDto, RetryDeliveryDto } from './delivery.dto.ts';

const Id = () => PathId('id', 'webhook delivery');

@ApiTags('webhooks')
@Controller('webhook-deliveries')
export class DeliveriesController {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveriesService,
  ) {}

  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: DeliveryPageDto })
  async listWebhookDeliveries(
    @Query() query: DeliveriesQuery,
    @Caller() { tenantId, portal }: Caller,
  ): Promise<DeliveryPageDto> {
    const { endpointId = null, state = null, limit } = query;
    const only = portal?.endpointIds ?? null;
    const filter = { endpointId, only, state, before: decodeCursor(query.cursor), limit: limit + 1 };
    const rows = await this.db.withTenant(tenantId, (tx) => this.deliveries.page(tx, tenantId, filter));
    const page = keysetPage(rows, limit, ({ id }) => id);
    return { items: page.rows.map((row) => DeliveryDto.from(row)), nextCursor: page.next };
  }

  @Get(':id')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: DeliveryDetailDto })
  async getWebhookDelivery(@Id() id: string, @Caller() { tenantId }: Caller): Promise<DeliveryDetailDto> {
    const detail = await this.db.withTenant(tenantId, (tx) => this.deliveries.get(tx, tenantId, id));
    return DeliveryDetailDto.fromDetail(detail);
  }

  @Post(':id/retry')
  @HttpCode(HttpStatus.ACCEPTED)
  @RequireScope('webhooks:write')
  @ApiBody({ type: RetryDeliveryDto, required: false })
  @ApiAcceptedResponse({ type: DeliveryDto })
  retryWebhookDelivery(
    @Id() id: string,
    @Body() { force = false }: RetryDeliveryDto,
    @Once() once: Once,
  ): Promise<DeliveryDto> {
    return once(async (tx, { tenantId }) => DeliveryDto.from(await this.deliveries.retry(tx, tenantId, id, force)));
  }
}
