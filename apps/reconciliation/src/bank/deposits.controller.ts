import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { DepositDto, DepositPageDto, DepositsQuery, IdentifyDepositDto } from './deposit.dto.ts';
import { DepositsService } from './deposits.service.ts';

@Controller('deposits')
export class DepositsController {
  constructor(
    private readonly db: Database,
    private readonly deposits: DepositsService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What came into the bank accounts, newest first' })
  @ApiOkResponse({ type: DepositPageDto })
  async list(@Caller() { tenantId }: Caller, @Query() query: DepositsQuery): Promise<DepositPageDto> {
    const { state = null, from = null, to = null, accountId = null, limit } = query;
    const filter = { state, from, to, accountId, limit, before: decodeCursor(query.cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.deposits.page(tx, tenantId, filter));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((deposit) => DepositDto.from(deposit)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: DepositDto })
  async get(@PathId('id', 'deposit') id: string, @Caller() { tenantId }: Caller): Promise<DepositDto> {
    const found = await this.db.withTenant(tenantId, (tx) => this.deposits.find(tx, tenantId, id));
    if (!found) throw notFound('deposit', id);
    return DepositDto.from(found);
  }

  @Post(':id/identify')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Says whose money it is, or for which policy' })
  @ApiOkResponse({ type: DepositDto })
  identify(
    @PathId('id', 'deposit') id: string,
    @Body() dto: IdentifyDepositDto,
    @Once() once: Once,
  ): Promise<DepositDto> {
    return once(async (tx, { tenantId, clientId }) => {
      const known = IdentifyDepositDto.toIdentification(dto, clientId);
      const deposit = await this.deposits.identify(tx, { tenantId, id }, known);
      if (!deposit) throw notFound('deposit', id);
      return DepositDto.from(deposit);
    });
  }
}
