import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { isUuid, PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { CreateStatementDto, StatementDto, StatementPageDto, StatementsQuery } from './statement.dto.ts';
import { StatementsService } from './statements.service.ts';

@ApiTags('statements')
@Controller('statements')
export class StatementsController {
  constructor(
    private readonly statements: StatementsService,
    private readonly db: Database,
  ) {}

  /** Of a period that is over: the one that follows the last statement, or the last one again, to correct it. */
  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: StatementDto })
  createStatement(@Body() dto: CreateStatementDto, @Once() once: Once): Promise<StatementDto> {
    const wanted = CreateStatementDto.toNew(dto);
    return once(async (tx, { tenantId }) => StatementDto.from(await this.statements.create(tx, tenantId, wanted)));
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: StatementPageDto })
  async listStatements(@Query() query: StatementsQuery, @Caller() { tenantId }: Caller): Promise<StatementPageDto> {
    const { policyholderLocator = null, policyLocator = null, state = null, pageSize: limit } = query;
    const before = decodeCursor(query.pagingToken, 'pagingToken');
    // Opaque to us, so any text may be asked for; what is no id has no statement.
    if (policyLocator !== null && !isUuid(policyLocator)) return { statements: [] };
    const page = { policyholderLocator, policyLocator, state, before, limit };
    const views = await this.db.snapshot(tenantId, (tx) => this.statements.page(tx, tenantId, page));
    const { rows, next } = keysetPage(views, limit, ({ statement }) => statement.id);
    const statements = rows.map((view) => StatementDto.from(view));
    return next === null ? { statements } : { statements, pagingToken: next };
  }

  @Get(':locator')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: StatementDto })
  async getStatement(
    @PathId('locator', 'statement') id: string,
    @Caller() { tenantId }: Caller,
  ): Promise<StatementDto> {
    const found = await this.db.snapshot(tenantId, (tx) => this.statements.find(tx, { tenantId, id }));
    if (!found) throw notFound('statement', id);
    return StatementDto.from(found);
  }
}
