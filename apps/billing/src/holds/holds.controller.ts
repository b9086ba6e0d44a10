import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { HoldDto, HoldPageDto, HoldsQuery, PlaceHoldDto } from './hold.dto.ts';
import { HoldsService } from './holds.service.ts';

@ApiTags('holds')
@Controller('holds')
export class HoldsController {
  constructor(
    private readonly holds: HoldsService,
    private readonly db: Database,
  ) {}

  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: HoldDto })
  placeHold(@Body() dto: PlaceHoldDto, @Once() once: Once): Promise<HoldDto> {
    const terms = PlaceHoldDto.toTerms(dto);
    return once(async (tx, { tenantId }) => HoldDto.from(await this.holds.place(tx, tenantId, terms)));
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: HoldPageDto })
  async listHolds(
    @Query() { state, policyLocator, cursor, limit }: HoldsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<HoldPageDto> {
    const page = { state: state ?? null, policyLocator: policyLocator ?? null, before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.holds.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((hold) => HoldDto.from(hold)), nextCursor: next };
  }

  @Post(':id/release')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: HoldDto })
  releaseHold(@PathId('id', 'hold') id: string, @Once() once: Once): Promise<HoldDto> {
    return once(async (tx, { tenantId }) => {
      const released = await this.holds.release(tx, { tenantId, id });
      if (!released) throw notFound('hold', id);
      return HoldDto.from(released);
    });
  }
}
