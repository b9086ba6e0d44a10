import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { LedgerSettingsDto } from './ledger-settings.dto.ts';
import { LedgerSettingsRepository } from './ledger-settings.repository.ts';

@ApiTags('ledger settings')
@Controller('ledger-settings')
export class LedgerSettingsController {
  constructor(
    private readonly settings: LedgerSettingsRepository,
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOkResponse({ type: LedgerSettingsDto })
  async get(@Caller() { tenantId }: Caller): Promise<LedgerSettingsDto> {
    return this.db.withTenant(tenantId, async (tx) => (await this.settings.of(tx, [tenantId]))(tenantId));
  }

  @Put()
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Counts for what is booked from now on; what is booked stays as it is' })
  @ApiOkResponse({ type: LedgerSettingsDto })
  put(@Body() dto: LedgerSettingsDto, @Once() once: Once): Promise<LedgerSettingsDto> {
    const settings = LedgerSettingsDto.toSettings(dto);
    return once(async (tx, { tenantId }) => {
      await this.settings.put(tx, tenantId, settings, this.clock.now());
      return settings;
    });
  }
}
