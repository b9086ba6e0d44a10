import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import {
  CreateDisbursementRequestDto,
  DisbursementRequestDto,
  DisbursementRequestPageDto,
  DisbursementRequestsQuery,
} from './disbursement-request.dto.ts';
import { DisbursementRequestsService } from './disbursement-requests.service.ts';

@ApiTags('disbursement requests')
@Controller('disbursement-requests')
export class DisbursementRequestsController {
  constructor(
    private readonly requests: DisbursementRequestsService,
    private readonly db: Database,
  ) {}

  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: DisbursementRequestDto })
  createDisbursementRequest(
    @Body() dto: CreateDisbursementRequestDto,
    @Once({ required: true }) once: Once,
  ): Promise<DisbursementRequestDto> {
    const terms = CreateDisbursementRequestDto.toTerms(dto);
    return once(async (tx, { tenantId }) => DisbursementRequestDto.from(await this.requests.ask(tx, tenantId, terms)));
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: DisbursementRequestPageDto })
  async listDisbursementRequests(
    @Query() { state, cursor, limit }: DisbursementRequestsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<DisbursementRequestPageDto> {
    const page = { state: state ?? null, before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.requests.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((request) => DisbursementRequestDto.from(request)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: DisbursementRequestDto })
  async getDisbursementRequest(
    @PathId('id', 'disbursement request') id: string,
    @Caller() { tenantId }: Caller,
  ): Promise<DisbursementRequestDto> {
    const found = await this.db.withTenant(tenantId, (tx) => this.requests.find(tx, { tenantId, id }));
    if (!found) throw notFound('disbursement request', id);
    return DisbursementRequestDto.from(found);
  }
}
