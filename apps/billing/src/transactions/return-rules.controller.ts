import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { CreateReturnRuleDto, ReturnRuleDto, ReturnRulePageDto } from './return-rule.dto.ts';
import { ReturnRulesService } from './return-rules.service.ts';

@ApiTags('policies')
@Controller('return-rules')
export class ReturnRulesController {
  constructor(
    private readonly rules: ReturnRulesService,
    private readonly db: Database,
  ) {}

  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: ReturnRuleDto })
  createReturnRule(@Body() dto: CreateReturnRuleDto, @Once() once: Once): Promise<ReturnRuleDto> {
    const rule = CreateReturnRuleDto.toRule(dto);
    return once(async (tx, { tenantId }) => ReturnRuleDto.from(await this.rules.add(tx, tenantId, rule)));
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: ReturnRulePageDto })
  async listReturnRules(
    @Query() { cursor, limit }: CursorQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<ReturnRulePageDto> {
    const page = { before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.rules.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((rule) => ReturnRuleDto.from(rule)), nextCursor: next };
  }
}
