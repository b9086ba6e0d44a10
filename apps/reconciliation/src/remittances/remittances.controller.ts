import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import type { RemittanceAction } from '../domain/remittance-life.ts';
import { RemittanceDesk } from './remittance-desk.service.ts';
import { PatientDto, ReasonDto, RemittanceDto, RemittancePageDto, RemittancesQuery } from './remittance.dto.ts';
import { ProviderAdjustmentDto, ProviderAdjustmentsDto, RemittanceClaimDto } from './remittance.dto.ts';
import { RemittanceClaimPageDto, ServiceLineDto, ServiceLinesDto } from './remittance.dto.ts';
import type { StoredRemittance } from './remittance-row.ts';

const WHAT = 'remittance';
const isNumber = (text: string) => /^\d{1,9}$/.test(text);

@Controller('remittances')
export class RemittancesController {
  constructor(
    private readonly db: Database,
    private readonly desk: RemittanceDesk,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: '835s of payers, newest first' })
  @ApiOkResponse({ type: RemittancePageDto })
  async list(@Caller() { tenantId }: Caller, @Query() query: RemittancesQuery): Promise<RemittancePageDto> {
    const { trn = null, state = null, payer = null, from = null, to = null, limit } = query;
    const filter = { trn, state, payer, from, to, limit, before: decodeCursor(query.cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.desk.page(tx, tenantId, filter));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((each) => RemittanceDto.from(each)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: RemittanceDto })
  async get(@PathId('id', WHAT) id: string, @Caller() { tenantId }: Caller): Promise<RemittanceDto> {
    return RemittanceDto.from(await this.db.withTenant(tenantId, (tx) => this.there(tx, { tenantId, id })));
  }

  @Get(':id/claims')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What it pays, claim by claim; whom they are about is another route' })
  @ApiOkResponse({ type: RemittanceClaimPageDto })
  async claims(
    @PathId('id', WHAT) id: string,
    @Caller() { tenantId }: Caller,
    @Query() { limit, cursor }: CursorQuery,
  ): Promise<RemittanceClaimPageDto> {
    const after = decodeCursor(cursor, 'cursor', isNumber);
    const paging = { limit, after: after === null ? null : Number(after) };
    const [remittance, found] = await this.db.withTenant(tenantId, (tx) =>
      Promise.all([this.there(tx, { tenantId, id }), this.desk.claimsOf(tx, { tenantId, id }, paging)]),
    );
    const { rows, next } = keysetPage(found, limit, ({ n }) => String(n));
    const { currency } = remittance.amount;
    return { items: rows.map((claim) => RemittanceClaimDto.from(claim, currency)), nextCursor: next };
  }

  @Get(':id/claims/:claimId/lines')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: ServiceLinesDto })
  async lines(
    @PathId('id', WHAT) remittanceId: string,
    @PathId('claimId', 'claim') claimId: string,
    @Caller() { tenantId }: Caller,
  ): Promise<ServiceLinesDto> {
    return this.db.withTenant(tenantId, async (tx) => {
      const { amount } = await this.there(tx, { tenantId, id: remittanceId });
      const lines = await this.desk.linesOf(tx, tenantId, { remittanceId, claimId });
      if (!lines) throw notFound('claim', claimId);
      return { items: lines.map((line) => ServiceLineDto.from(line, amount.currency)), nextCursor: null };
    });
  }

  @Get(':id/claims/:claimId/patient')
  @RequireScope('recon:phi')
  @ApiOperation({ summary: 'Whom a claim is about; each look is written down' })
  @ApiOkResponse({ type: PatientDto })
  patient(
    @PathId('id', WHAT) remittanceId: string,
    @PathId('claimId', 'claim') claimId: string,
    @Caller() { tenantId, clientId: by }: Caller,
  ): Promise<PatientDto> {
    return this.db.withTenant(tenantId, async (tx) => {
      const patient = await this.desk.patientOf(tx, tenantId, { remittanceId, claimId, by });
      if (!patient) throw notFound('claim', claimId);
      return Object.assign(new PatientDto(), patient);
    });
  }

  @Get(':id/provider-adjustments')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: ProviderAdjustmentsDto })
  async adjustments(@PathId('id', WHAT) id: string, @Caller() { tenantId }: Caller): Promise<ProviderAdjustmentsDto> {
    return this.db.withTenant(tenantId, async (tx) => {
      const { amount } = await this.there(tx, { tenantId, id });
      const found = await this.desk.adjustmentsOf(tx, { tenantId, id });
      return { items: found.map((each) => ProviderAdjustmentDto.from(each, amount.currency)), nextCursor: null };
    });
  }

  @Post(':id/post')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Let it be booked after all' })
  @ApiOkResponse({ type: RemittanceDto })
  post(@PathId('id', WHAT) id: string, @Body() dto: ReasonDto, @Once() once: Once): Promise<RemittanceDto> {
    return this.move(once, { id, action: 'post', ...dto });
  }

  @Post(':id/hold')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOkResponse({ type: RemittanceDto })
  hold(@PathId('id', WHAT) id: string, @Body() dto: ReasonDto, @Once() once: Once): Promise<RemittanceDto> {
    return this.move(once, { id, action: 'hold', ...dto });
  }

  @Post(':id/void')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Take it back; its entry is mirrored' })
  @ApiOkResponse({ type: RemittanceDto })
  void(@PathId('id', WHAT) id: string, @Body() dto: ReasonDto, @Once() once: Once): Promise<RemittanceDto> {
    return this.move(once, { id, action: 'void', ...dto });
  }

  private move(once: Once, { id, action, reason }: { id: string; action: RemittanceAction; reason: string }) {
    return once(async (tx, { tenantId }) => {
      const moved = await this.desk.move(tx, { tenantId, id }, action, reason);
      if (!moved) throw notFound(WHAT, id);
      return RemittanceDto.from(moved);
    });
  }

  private async there(tx: Tx, key: { tenantId: string; id: string }): Promise<StoredRemittance> {
    const remittance = await this.desk.find(tx, key);
    if (!remittance) throw notFound(WHAT, key.id);
    return remittance;
  }
}
