import { Body, Controller, Delete, Get, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import type { FastifyReply } from 'fastify';
import { PullConsumersService } from './pull-consumers.service.ts';
import {
  CreatedPullConsumerDto,
  CreatePullConsumerDto,
  PullConsumerDto,
  PullConsumerPageDto,
  PulledPageDto,
  PullQuery,
} from './pull.dto.ts';
import { PullService } from './pull.service.ts';

const Consumer = () => PathId('consumer', 'pull consumer');

@ApiTags('webhooks')
@Controller('webhook-poll')
export class PullController {
  constructor(
    private readonly db: Database,
    private readonly consumers: PullConsumersService,
    private readonly service: PullService,
    private readonly clock: Clock,
  ) {}

  /** The secret is added outside `once`: what an Idempotency-Key remembers is stored in the clear. */
  @Post()
  @RequireScope('webhooks:write')
  @ApiCreatedResponse({ type: CreatedPullConsumerDto })
  async createPullConsumer(
    @Body() dto: CreatePullConsumerDto,
    @Caller() { tenantId }: Caller,
    @Once() once: Once,
  ): Promise<CreatedPullConsumerDto> {
    const consumer = await once(async (tx) => PullConsumerDto.from(await this.consumers.create(tx, tenantId, dto)));
    const secret = await this.db.withTenant(tenantId, (tx) => this.consumers.reveal(tx, tenantId, consumer.id));
    return { ...consumer, secret };
  }

  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: PullConsumerPageDto })
  async listPullConsumers(@Query() query: CursorQuery, @Caller() { tenantId }: Caller): Promise<PullConsumerPageDto> {
    const before = decodeCursor(query.cursor);
    const rows = await this.db.withTenant(tenantId, (tx) =>
      this.consumers.page(tx, tenantId, { before, limit: query.limit + 1 }),
    );
    const page = keysetPage(rows, query.limit, ({ id }) => id);
    return { items: page.rows.map((row) => PullConsumerDto.from(row)), nextCursor: page.next };
  }

  /** A GET that is repeated, by whomever, acknowledges what was acknowledged before and answers the same. */
  @Get(':consumer')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: PulledPageDto })
  async pullWebhookMessages(
    @Consumer() id: string,
    @Query() query: PullQuery,
    @Caller() { tenantId }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PulledPageDto> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const cursor = decodeCursor(query.cursor, 'cursor', () => true);
    const { limit, wait } = query;
    const pulled = await this.service.pull({
      ...{ tenantId, id, cursor, limit, waitMs: wait * 1_000, gone: gone.signal },
    });
    return PulledPageDto.from(pulled, this.clock.now());
  }

  @Delete(':consumer')
  @RequireScope('webhooks:write')
  @ApiOkResponse({ type: PullConsumerDto, description: 'Its cursors are of no use any more.' })
  removePullConsumer(@Consumer() id: string, @Once() once: Once): Promise<PullConsumerDto> {
    return once(async (tx, { tenantId }) => PullConsumerDto.from(await this.consumers.remove(tx, tenantId, id)));
  }
}
