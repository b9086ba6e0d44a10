import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { LedgerSettingsDto } from './ledger-settings.dto.ts';
import { LedgerSettingsService } from './ledger-settings.service.ts';

@ApiTags('ledger settings')
@Controller('ledger-settings')
export class LedgerSettingsController {
  constructor(
    private readonly settings: LedgerSettingsService,
    private readonly db: Database,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOkResponse({ type: LedgerSettingsDto })
  get(@Caller() { tenantId }: Caller): Promise<LedgerSettingsDto> {
    return this.db.withTenant(tenantId, (tx) => this.settings.find(tx, tenantId));
  }

  @Put()
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Counts for what is booked from now on; what is booked stays as it is' })
  @ApiOkResponse({ type: LedgerSettingsDto })
  put(@Body() dto: LedgerSettingsDto, @Once() once: Once): Promise<LedgerSettingsDto> {
    const settings = LedgerSettingsDto.toSettings(dto);
    return once((tx, { tenantId }) => this.settings.put(tx, tenantId, settings));
  }
}
