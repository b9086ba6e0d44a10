import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { BankLineDto } from './bank-line.dto.ts';
import {
  AcceptStatementDto,
  BankLinesQuery,
  BankStatementDto,
  BankStatementLinesDto,
  BankStatementPageDto,
  BankStatementsQuery,
} from './bank-statement.dto.ts';
import { BankStatementsService } from './bank-statements.service.ts';

const isPosition = (key: string) => /^\d{1,9}$/.test(key);

@Controller('bank-statements')
export class BankStatementsController {
  constructor(
    private readonly db: Database,
    private readonly statements: BankStatementsService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'Bank statements, newest first' })
  @ApiOkResponse({ type: BankStatementPageDto })
  async list(@Caller() { tenantId }: Caller, @Query() query: BankStatementsQuery): Promise<BankStatementPageDto> {
    const { accountId = null, state = null, from = null, to = null, limit } = query;
    const filter = { accountId, state, from, to, limit, before: decodeCursor(query.cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.statements.page(tx, tenantId, filter));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((statement) => BankStatementDto.from(statement)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'A bank statement with its lines, in their order' })
  @ApiOkResponse({ type: BankStatementLinesDto })
  async get(
    @PathId('id', 'bank statement') id: string,
    @Caller() { tenantId }: Caller,
    @Query() { cursor, limit }: BankLinesQuery,
  ): Promise<BankStatementLinesDto> {
    const after = Number(decodeCursor(cursor, 'cursor', isPosition) ?? -1);
    const page = { tenantId, statementId: id, after, limit };
    const [statement, lines] = await this.db.snapshot(tenantId, (tx) =>
      Promise.all([this.statements.find(tx, tenantId, id), this.statements.linesOf(tx, page)]),
    );
    if (!statement) throw notFound('bank statement', id);
    const { rows, next } = keysetPage(lines, limit, ({ position }) => String(position));
    return { ...BankStatementDto.from(statement), lines: rows.map((line) => BankLineDto.from(line)), nextCursor: next };
  }

  @Post(':id/accept')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Takes a statement that does not add up as it is, and releases its lines' })
  @ApiOkResponse({ type: BankStatementDto })
  accept(
    @PathId('id', 'bank statement') id: string,
    @Body() { reason }: AcceptStatementDto,
    @Once() once: Once,
  ): Promise<BankStatementDto> {
    return once(async (tx, { tenantId, clientId }) => {
      const statement = await this.statements.find(tx, tenantId, id);
      if (!statement) throw notFound('bank statement', id);
      return BankStatementDto.from(await this.statements.accept(tx, statement, { client: clientId, reason }));
    });
  }
}
