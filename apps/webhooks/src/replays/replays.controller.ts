import { Body, Controller, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { CreateReplayDto, ReplayDto, ReplayPageDto, ReplaysQuery } from './replay.dto.ts';
import { ReplaysService } from './replays.service.ts';

const Id = () => PathId('id', 'webhook replay');

@ApiTags('webhooks')
@Controller('webhook-replays')
export class ReplaysController {
  constructor(
    private readonly db: Database,
    private readonly replays: ReplaysService,
  ) {}

  @Post()
  @RequireScope('webhooks:write')
  @ApiCreatedResponse({ type: ReplayDto })
  createWebhookReplay(@Body() dto: CreateReplayDto, @Once() once: Once): Promise<ReplayDto> {
    const { from, to, ...wanted } = dto;
    const range = { from: new Date(from), to: to === undefined ? undefined : new Date(to) };
    return once(async (tx, { tenantId }) =>
      ReplayDto.from(await this.replays.replay(tx, tenantId, { ...wanted, ...range })),
    );
  }

  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: ReplayPageDto })
  async listWebhookReplays(@Query() query: ReplaysQuery, @Caller() { tenantId }: Caller): Promise<ReplayPageDto> {
    const { endpointId = null, state = null, limit } = query;
    const filter = { endpointId, state, before: decodeCursor(query.cursor), limit: limit + 1 };
    const rows = await this.db.withTenant(tenantId, (tx) => this.replays.page(tx, tenantId, filter));
    const page = keysetPage(rows, limit, ({ id }) => id);
    return { items: page.rows.map((row) => ReplayDto.from(row)), nextCursor: page.next };
  }

  @Get(':id')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: ReplayDto })
  async getWebhookReplay(@Id() id: string, @Caller() { tenantId }: Caller): Promise<ReplayDto> {
    return ReplayDto.from(await this.db.withTenant(tenantId, (tx) => this.replays.get(tx, tenantId, id)));
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  @RequireScope('webhooks:write')
  @ApiOkResponse({ type: ReplayDto, description: 'What it has queued stays queued.' })
  cancelWebhookReplay(@Id() id: string, @Once() once: Once): Promise<ReplayDto> {
    return once(async (tx, { tenantId }) => ReplayDto.from(await this.replays.cancel(tx, tenantId, id)));
  }
}
