import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { BillingSettingsDto } from './billing-settings.dto.ts';
import { BillingSettingsService } from './billing-settings.service.ts';

@ApiTags('billing settings')
@Controller('billing-settings')
export class BillingSettingsController {
  constructor(
    private readonly settings: BillingSettingsService,
    private readonly db: Database,
  ) {}

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: BillingSettingsDto })
  async getBillingSettings(@Caller() { tenantId }: Caller): Promise<BillingSettingsDto> {
    return BillingSettingsDto.from(await this.db.withTenant(tenantId, (tx) => this.settings.find(tx, tenantId)));
  }

  @Put()
  @RequireScope('billing:write')
  @ApiOkResponse({ type: BillingSettingsDto })
  putBillingSettings(@Body() dto: BillingSettingsDto, @Once() once: Once): Promise<BillingSettingsDto> {
    const settings = BillingSettingsDto.toSettings(dto);
    return once(async (tx, { tenantId }) => BillingSettingsDto.from(await this.settings.put(tx, tenantId, settings)));
  }
}
