import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { BatchQuery, SettlementBatchDto, SettlementBatchPageDto } from './settlement.dto.ts';
import { SettlementItemDto, SettlementItemPageDto } from './settlement.dto.ts';
import { SettlementsService } from './settlements.service.ts';

const WHAT = 'settlement batch';

@Controller('settlement-batches')
export class SettlementsController {
  constructor(
    private readonly db: Database,
    private readonly settlements: SettlementsService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What processors paid out, newest first' })
  @ApiOkResponse({ type: SettlementBatchPageDto })
  async list(@Caller() { tenantId }: Caller, @Query() query: BatchQuery): Promise<SettlementBatchPageDto> {
    const { limit, state, payoutReference } = query;
    const filter = { limit, state, payoutReference, before: decodeCursor(query.cursor) };
    const batches = await this.db.withTenant(tenantId, (tx) => this.settlements.page(tx, filter));
    const { rows, next } = keysetPage(batches, limit, ({ id }) => id);
    return { items: rows.map((batch) => SettlementBatchDto.from(batch)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'A payout with what it is made of, in sums' })
  @ApiOkResponse({ type: SettlementBatchDto })
  async get(@Caller() { tenantId }: Caller, @PathId('id', WHAT) id: string): Promise<SettlementBatchDto> {
    const batch = await this.db.withTenant(tenantId, (tx) => this.settlements.find(tx, id));
    if (!batch) throw notFound(WHAT, id);
    return SettlementBatchDto.from(batch);
  }

  @Get(':id/items')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'The lines of a payout' })
  @ApiOkResponse({ type: SettlementItemPageDto })
  async lines(
    @Caller() { tenantId }: Caller,
    @PathId('id', WHAT) batchId: string,
    @Query() { limit, cursor }: CursorQuery,
  ): Promise<SettlementItemPageDto> {
    const page = { batchId, after: decodeCursor(cursor), limit };
    const lines = await this.db.withTenant(tenantId, (tx) => this.settlements.lines(tx, page));
    if (!lines) throw notFound(WHAT, batchId);
    const { rows, next } = keysetPage(lines, limit, ({ id }) => id);
    return { items: rows.map((line) => SettlementItemDto.from(line)), nextCursor: next };
  }
}
