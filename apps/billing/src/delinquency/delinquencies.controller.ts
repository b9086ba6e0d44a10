import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import {
  DecideDelinquencyDto,
  DelinquenciesQuery,
  DelinquencyDetailsDto,
  DelinquencyDto,
  DelinquencyPageDto,
  NoticeDto,
} from './delinquency.dto.ts';
import { DelinquencyFilesService } from './delinquency-files.service.ts';
import type { DelinquencyFile } from './delinquency-files.service.ts';

@ApiTags('delinquencies')
@Controller('delinquencies')
export class DelinquenciesController {
  constructor(
    private readonly files: DelinquencyFilesService,
    private readonly db: Database,
  ) {}

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: DelinquencyPageDto })
  async listDelinquencies(
    @Query() { policyLocator, state, cursor, limit }: DelinquenciesQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<DelinquencyPageDto> {
    const page = { policyLocator: policyLocator ?? null, state: state ?? null, before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.files.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((each) => DelinquencyDto.from(each)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: DelinquencyDetailsDto })
  async getDelinquency(
    @PathId('id', 'delinquency') id: string,
    @Caller() { tenantId }: Caller,
  ): Promise<DelinquencyDetailsDto> {
    const found = await this.db.snapshot(tenantId, (tx) => this.files.find(tx, { tenantId, id }));
    if (!found) throw notFound('delinquency', id);
    return detailsOf(found);
  }

  @Post(':id/decide')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: DelinquencyDetailsDto })
  decideDelinquency(
    @PathId('id', 'delinquency') id: string,
    @Body() { outcome }: DecideDelinquencyDto,
    @Once() once: Once,
  ): Promise<DelinquencyDetailsDto> {
    return once(async (tx, { tenantId }) => {
      const decided = await this.files.decide(tx, { tenantId, id }, outcome);
      if (!decided) throw notFound('delinquency', id);
      return detailsOf(decided);
    });
  }
}

function detailsOf({ delinquency, earlierNotices }: DelinquencyFile): DelinquencyDetailsDto {
  const { currency } = delinquency;
  return {
    ...DelinquencyDto.from(delinquency),
    earlierNotices: earlierNotices.map((notice) => NoticeDto.from(notice, currency)),
  };
}
