import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { isUuid } from '@quittance/service-kit/http/path-id';
import { CommissionAgreementsService } from './commission-agreements.service.ts';
import { CommissionPayoutsService } from './commission-payouts.service.ts';
import {
  CommissionAgreementDto,
  CommissionAgreementPageDto,
  CommissionEntriesQuery,
  CommissionEntryDto,
  CommissionEntryPageDto,
  CommissionPayoutDto,
  CommissionPayoutPageDto,
  CreateCommissionAgreementDto,
  CreateCommissionPayoutDto,
  ProducerQuery,
} from './commission.dto.ts';
import { ProducerStatementDto, ProducerStatementPageDto, ProducerStatementsQuery } from './producer-statement.dto.ts';
import { ProducersService } from './producers.service.ts';

@ApiTags('commissions')
@Controller()
export class CommissionsController {
  constructor(
    private readonly agreements: CommissionAgreementsService,
    private readonly producers: ProducersService,
    private readonly payouts: CommissionPayoutsService,
    private readonly db: Database,
  ) {}

  @Post('commission-agreements')
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: CommissionAgreementDto })
  createCommissionAgreement(
    @Body() dto: CreateCommissionAgreementDto,
    @Once() once: Once,
  ): Promise<CommissionAgreementDto> {
    const terms = CreateCommissionAgreementDto.toTerms(dto);
    return once(async (tx, { tenantId }) =>
      CommissionAgreementDto.from(await this.agreements.create(tx, tenantId, terms)),
    );
  }

  @Get('commission-agreements')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: CommissionAgreementPageDto })
  async listCommissionAgreements(
    @Query() query: ProducerQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<CommissionAgreementPageDto> {
    const page = pageOf(query);
    const found = await this.db.withTenant(tenantId, (tx) => this.agreements.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, page.limit, ({ id }) => id);
    return { items: rows.map((agreement) => CommissionAgreementDto.from(agreement)), nextCursor: next };
  }

  @Get('commission-entries')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: CommissionEntryPageDto })
  async listCommissionEntries(
    @Query() query: CommissionEntriesQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<CommissionEntryPageDto> {
    const { policyLocator = null, state = null } = query;
    const page = { ...pageOf(query), policyLocator, state };
    // Opaque to us, so any text may be asked for; what is no id has no entry.
    if (policyLocator !== null && !isUuid(policyLocator)) return { items: [], nextCursor: null };
    const found = await this.db.withTenant(tenantId, (tx) => this.producers.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, page.limit, ({ id }) => id);
    return { items: rows.map((entry) => CommissionEntryDto.from(entry)), nextCursor: next };
  }

  @Get('producer-statements')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: ProducerStatementPageDto })
  async listProducerStatements(
    @Query() query: ProducerStatementsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<ProducerStatementPageDto> {
    const { producerId, from = null, to = null } = query;
    const balances = await this.db.withTenant(tenantId, (tx) =>
      this.producers.statement(tx, tenantId, producerId, { from, to }),
    );
    return { items: balances.map((balance) => ProducerStatementDto.from(balance, query)), nextCursor: null };
  }

  @Post('commission-payouts')
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: CommissionPayoutDto })
  createCommissionPayout(
    @Body() { producerId, currency }: CreateCommissionPayoutDto,
    @Once({ required: true }) once: Once,
  ): Promise<CommissionPayoutDto> {
    return once(async (tx, { tenantId }) =>
      CommissionPayoutDto.from(await this.payouts.pay(tx, tenantId, { producerId, currency })),
    );
  }

  @Get('commission-payouts')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: CommissionPayoutPageDto })
  async listCommissionPayouts(
    @Query() query: ProducerQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<CommissionPayoutPageDto> {
    const page = pageOf(query);
    const found = await this.db.withTenant(tenantId, (tx) => this.payouts.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, page.limit, ({ id }) => id);
    return { items: rows.map((payout) => CommissionPayoutDto.from(payout)), nextCursor: next };
  }
}

function pageOf({ producerId, cursor, limit }: ProducerQuery) {
  return { producerId: producerId ?? null, before: decodeCursor(cursor), limit };
}
