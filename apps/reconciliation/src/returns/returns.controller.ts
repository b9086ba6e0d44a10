import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { ReturnDto, ReturnPageDto, ReturnsQuery } from './return.dto.ts';
import { ReturnsService } from './returns.service.ts';

@Controller('returns')
export class ReturnsController {
  constructor(
    private readonly db: Database,
    private readonly returns: ReturnsService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What banks sent back, newest first' })
  @ApiOkResponse({ type: ReturnPageDto })
  async list(@Caller() { tenantId }: Caller, @Query() query: ReturnsQuery): Promise<ReturnPageDto> {
    const { limit, paymentLocator } = query;
    const page = { limit, paymentLocator, before: decodeCursor(query.cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.returns.page(tx, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((each) => ReturnDto.from(each)), nextCursor: next };
  }
}
