import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, encodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import type { FastifyReply } from 'fastify';
import { firstIdAt } from '../domain/message.ts';
import {
  MessageAttemptDto,
  MessageAttemptPageDto,
  MessageDeliveriesDto,
  MessageDetailDto,
  MessageDto,
  MessagePageDto,
  MessagesQuery,
  PublishMessageDto,
} from './message.dto.ts';
import { MessagesService } from './messages.service.ts';
import { PublishGate } from './publish-gate.ts';

const Id = () => PathId('id', 'webhook message');
const lowest = '00000000-0000-0000-0000-000000000000';
const highest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

@ApiTags('webhooks')
@Controller('webhook-messages')
export class MessagesController {
  constructor(
    private readonly db: Database,
    private readonly messages: MessagesService,
    private readonly gate: PublishGate,
  ) {}

  /** Repeated under one `id` it answers as with one `Idempotency-Key`; a publisher may use either, or both. */
  @Post()
  @RequireScope('webhooks:write')
  @ApiCreatedResponse({ type: MessageDto })
  publishWebhookMessage(
    @Body() dto: PublishMessageDto,
    @Once() once: Once,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageDto> {
    return this.gate.pass(() =>
      once(async (tx, { tenantId }) => {
        const { message, isReplay } = await this.messages.publish(tx, tenantId, dto);
        if (isReplay) void reply.header('idempotent-replayed', 'true');
        return MessageDto.from(message);
      }),
    );
  }

  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: MessagePageDto })
  async listWebhookMessages(@Query() query: MessagesQuery, @Caller() { tenantId }: Caller): Promise<MessagePageDto> {
    const { type = null, after, before, limit } = query;
    const cursor = decodeCursor(query.cursor);
    const end = before === undefined ? highest : firstIdAt(before.getTime());
    const from = after === undefined ? lowest : firstIdAt(after.getTime() + 1);
    const filter = { type, from, before: cursor !== null && cursor < end ? cursor : end, limit };
    const page = await this.db.withTenant(tenantId, (tx) => this.messages.page(tx, tenantId, filter));
    return { items: page.rows.map((row) => MessageDto.from(row)), nextCursor: page.next && encodeCursor(page.next) };
  }

  @Get(':id')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: MessageDetailDto })
  async getWebhookMessage(@Id() id: string, @Caller() { tenantId }: Caller): Promise<MessageDetailDto> {
    return MessageDetailDto.fromDetail(await this.db.withTenant(tenantId, (tx) => this.messages.get(tx, tenantId, id)));
  }

  @Get(':id/attempts')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: MessageAttemptPageDto })
  async listWebhookMessageAttempts(
    @Id() id: string,
    @Query() query: CursorQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<MessageAttemptPageDto> {
    const asked = { id, before: decodeCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.db.withTenant(tenantId, (tx) => this.messages.attempts(tx, tenantId, asked));
    const page = keysetPage(rows, query.limit, (row) => row.id);
    return { items: page.rows.map((row) => MessageAttemptDto.fromAttempt(row)), nextCursor: page.next };
  }

  @Get(':id/deliveries')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: MessageDeliveriesDto })
  async listWebhookMessageDeliveries(@Id() id: string, @Caller() { tenantId }: Caller): Promise<MessageDeliveriesDto> {
    return MessageDeliveriesDto.from(
      await this.db.withTenant(tenantId, (tx) => this.messages.deliveries(tx, tenantId, id)),
    );
  }
}
