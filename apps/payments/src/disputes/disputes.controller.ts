import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import type { DisputeAction } from '../domain/dispute.ts';
import { DisputeDto, DisputePageDto, DisputesQuery } from './dispute.dto.ts';
import { DisputesService } from './disputes.service.ts';

const Id = () => PathId('id', 'dispute');

@Controller('disputes')
export class DisputesController {
  constructor(
    private readonly db: Database,
    private readonly disputes: DisputesService,
  ) {}

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: DisputePageDto })
  async list(@Query() query: DisputesQuery, @Caller() { tenantId }: Caller): Promise<DisputePageDto> {
    const { paymentLocator: paymentId, state, limit } = query;
    const page = { tenantId, paymentId, state, beforeId: decodeCursor(query.cursor), limit: limit + 1 };
    const found = await this.db.withTenant(tenantId, (tx) => this.disputes.list(tx, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((dispute) => DisputeDto.from(dispute)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: DisputeDto })
  async get(@Id() id: string, @Caller() { tenantId }: Caller): Promise<DisputeDto> {
    return DisputeDto.from(await this.db.withTenant(tenantId, (tx) => this.disputes.get(tx, { tenantId, id })));
  }

  /** Records that it was accepted at the provider: the money will not come back. */
  @Post(':id/accept')
  @HttpCode(200)
  @RequireScope('payments:write')
  @ApiOkResponse({ type: DisputeDto })
  accept(@Id() id: string, @Once() once: Once): Promise<DisputeDto> {
    return this.act(id, 'accept', once);
  }

  /** Records that evidence was handed in at the provider. */
  @Post(':id/challenge')
  @HttpCode(200)
  @RequireScope('payments:write')
  @ApiOkResponse({ type: DisputeDto })
  challenge(@Id() id: string, @Once() once: Once): Promise<DisputeDto> {
    return this.act(id, 'challenge', once);
  }

  private act(id: string, action: DisputeAction, once: Once): Promise<DisputeDto> {
    return once(async (tx, { tenantId }) => DisputeDto.from(await this.disputes.act(tx, { tenantId, id }, action)));
  }
}
