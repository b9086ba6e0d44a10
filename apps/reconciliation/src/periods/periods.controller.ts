import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { notFound } from '@quittance/service-kit/http/problem';
import { ClosePeriodDto, PeriodDto, PeriodsDto } from './period.dto.ts';
import { PeriodsService } from './periods.service.ts';

@Controller('periods')
export class PeriodsController {
  constructor(
    private readonly db: Database,
    private readonly periods: PeriodsService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'Months of the books, newest first' })
  @ApiOkResponse({ type: PeriodsDto })
  async list(@Caller() caller: Caller): Promise<PeriodsDto> {
    const months = await this.db.withTenant(caller.tenantId, (tx) => this.periods.list(tx));
    return { items: months.map((month) => PeriodDto.from(month)), nextCursor: null };
  }

  @Post(':month/close')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({
    summary: 'Close a month, and with it all before',
    description: 'For good: what comes later and has its date in it is booked on the first day after it.',
  })
  @ApiOkResponse({ type: PeriodDto })
  close(@Param('month') month: string, @Body() dto: ClosePeriodDto, @Once() once: Once): Promise<PeriodDto> {
    if (!/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/.test(month)) {
      throw notFound('month', month.slice(0, 64).replace(/[^\x20-\x7e]/g, '?'));
    }
    const state = dto.soft ? 'soft_closed' : 'closed';
    return once(async (tx, { tenantId, clientId: closedBy }) =>
      PeriodDto.from(await this.periods.close(tx, { tenantId, month, state, closedBy })),
    );
  }
}
