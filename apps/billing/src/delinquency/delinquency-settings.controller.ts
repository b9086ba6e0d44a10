import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { exampleRules } from '../domain/example-rules.ts';
import { CreateDelinquencyPlanDto, DelinquencyPlanDto, DelinquencyPlanPageDto } from './delinquency-plan.dto.ts';
import {
  CreateDelinquencyRuleDto,
  DelinquencyRuleDto,
  DelinquencyRulePageDto,
  DelinquencyRulesQuery,
} from './delinquency-rule.dto.ts';
import { DelinquencySettingsService } from './delinquency-settings.service.ts';
import { CreateFeeRuleDto, FeeRuleDto, FeeRulePageDto } from './fee-rule.dto.ts';

@ApiTags('delinquencies')
@Controller()
export class DelinquencySettingsController {
  constructor(
    private readonly settings: DelinquencySettingsService,
    private readonly db: Database,
  ) {}

  @Post('delinquency-plans')
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: DelinquencyPlanDto })
  createDelinquencyPlan(@Body() dto: CreateDelinquencyPlanDto, @Once() once: Once): Promise<DelinquencyPlanDto> {
    const plan = CreateDelinquencyPlanDto.toPlan(dto);
    return once(async (tx, { tenantId }) => DelinquencyPlanDto.from(await this.settings.addPlan(tx, tenantId, plan)));
  }

  @Get('delinquency-plans')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: DelinquencyPlanPageDto })
  async listDelinquencyPlans(
    @Query() { cursor, limit }: CursorQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<DelinquencyPlanPageDto> {
    const page = { before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.settings.plans(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((plan) => DelinquencyPlanDto.from(plan)), nextCursor: next };
  }

  @Post('delinquency-rules')
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: DelinquencyRuleDto })
  createDelinquencyRule(@Body() dto: CreateDelinquencyRuleDto, @Once() once: Once): Promise<DelinquencyRuleDto> {
    const rule = CreateDelinquencyRuleDto.toRule(dto);
    return once(async (tx, { tenantId }) => DelinquencyRuleDto.from(await this.settings.addRule(tx, tenantId, rule)));
  }

  @Get('delinquency-rules')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: DelinquencyRulePageDto })
  async listDelinquencyRules(
    @Query() { example, cursor, limit }: DelinquencyRulesQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<DelinquencyRulePageDto> {
    const page = { before: decodeCursor(cursor), limit };
    if (example === 'true')
      return { items: exampleRules.map((rule) => DelinquencyRuleDto.from(rule)), nextCursor: null };
    const found = await this.db.withTenant(tenantId, (tx) => this.settings.rules(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((rule) => DelinquencyRuleDto.from(rule)), nextCursor: next };
  }

  @Post('fee-rules')
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: FeeRuleDto })
  createFeeRule(@Body() dto: CreateFeeRuleDto, @Once() once: Once): Promise<FeeRuleDto> {
    const rule = CreateFeeRuleDto.toRule(dto);
    return once(async (tx, { tenantId }) => FeeRuleDto.from(await this.settings.addFeeRule(tx, tenantId, rule)));
  }

  @Get('fee-rules')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: FeeRulePageDto })
  async listFeeRules(@Query() { cursor, limit }: CursorQuery, @Caller() { tenantId }: Caller): Promise<FeeRulePageDto> {
    const page = { before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.settings.feeRules(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((rule) => FeeRuleDto.from(rule)), nextCursor: next };
  }
}
