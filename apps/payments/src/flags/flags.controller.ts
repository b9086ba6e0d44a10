import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { FlagResolutions } from './flag-resolutions.service.ts';
import { FlagDto, FlagPageDto, FlagsQuery, ResolveFlagDto } from './flag.dto.ts';

@Controller('payment-flags')
export class FlagsController {
  constructor(
    private readonly db: Database,
    private readonly flags: FlagResolutions,
  ) {}

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: FlagPageDto })
  async list(@Query() query: FlagsQuery, @Caller() { tenantId }: Caller): Promise<FlagPageDto> {
    const { state, paymentLocator, limit } = query;
    const isOpen = state === undefined ? undefined : state === 'open';
    const beforeId = decodeCursor(query.cursor);
    const page = { tenantId, isOpen, paymentId: paymentLocator, beforeId, limit: limit + 1 };
    const found = await this.db.withTenant(tenantId, (tx) => this.flags.list(tx, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((flag) => FlagDto.from(flag)), nextCursor: next };
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @RequireScope('payments:write')
  @ApiOkResponse({ type: FlagDto })
  resolve(
    @PathId('id', 'payment flag') id: string,
    @Body() { resolution }: ResolveFlagDto,
    @Once() once: Once,
  ): Promise<FlagDto> {
    return once(async (tx, { tenantId, clientId }) =>
      FlagDto.from(await this.flags.resolve(tx, { tenantId, id }, { resolution, resolvedBy: clientId })),
    );
  }
}
