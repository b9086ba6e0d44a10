import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { ApplySuspenseItemDto, SuspenseItemDto, SuspenseItemPageDto, SuspenseItemsQuery } from './suspense-item.dto.ts';
import { SuspenseItemsService } from './suspense-items.service.ts';

@ApiTags('suspense')
@Controller('suspense-items')
export class SuspenseItemsController {
  constructor(
    private readonly items: SuspenseItemsService,
    private readonly db: Database,
  ) {}

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: SuspenseItemPageDto })
  async listSuspenseItems(
    @Query() { state, paymentLocator, cursor, limit }: SuspenseItemsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<SuspenseItemPageDto> {
    const page = { state: state ?? null, paymentLocator: paymentLocator ?? null, before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.items.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((item) => SuspenseItemDto.from(item)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: SuspenseItemDto })
  async getSuspenseItem(
    @PathId('id', 'suspense item') id: string,
    @Caller() { tenantId }: Caller,
  ): Promise<SuspenseItemDto> {
    const found = await this.db.withTenant(tenantId, (tx) => this.items.find(tx, { tenantId, id }));
    if (!found) throw notFound('suspense item', id);
    return SuspenseItemDto.from(found);
  }

  /** By the date on which it was received: as if its owner had been known then. */
  @Post(':id/apply')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: SuspenseItemDto })
  applySuspenseItem(
    @PathId('id', 'suspense item') id: string,
    @Body() dto: ApplySuspenseItemDto,
    @Once({ required: true }) once: Once,
  ): Promise<SuspenseItemDto> {
    const owner = ApplySuspenseItemDto.toOwner(dto);
    return once(async (tx, { tenantId }) => {
      const applied = await this.items.apply(tx, { tenantId, id }, owner);
      if (!applied) throw notFound('suspense item', id);
      return SuspenseItemDto.from(applied);
    });
  }
}
