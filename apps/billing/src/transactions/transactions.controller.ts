import { Body, Controller, Get, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { PoliciesReader } from '../policies/policies-reader.service.ts';
import { PolicyDto } from '../policies/policy.dto.ts';
import { ChangePartiesDto, partyChangesOf } from '../policies/policy-parties.dto.ts';
import {
  AppliedTransactionDto,
  ChangePlanDto,
  PolicyTransactionDto,
  PolicyTransactionsQuery,
  TransactionPageDto,
} from './transaction.dto.ts';
import { readRequest } from './transaction.reader.ts';
import { TransactionsReader } from './transactions-reader.service.ts';
import { TransactionsService } from './transactions.service.ts';

@ApiTags('policies')
@Controller('policies/:locator')
export class TransactionsController {
  constructor(
    private readonly transactions: TransactionsService,
    private readonly reader: TransactionsReader,
    private readonly policies: PoliciesReader,
    private readonly db: Database,
  ) {}

  @Post('transactions')
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: AppliedTransactionDto })
  applyTransaction(
    @PathId('locator', 'policy') locator: string,
    @Body() dto: PolicyTransactionDto,
    @Once() once: Once,
  ): Promise<AppliedTransactionDto> {
    return once(async (tx, { tenantId }) => {
      const key = { tenantId, locator };
      const currency = await this.reader.currencyOf(tx, key);
      if (currency === null) throw notFound('policy', locator);
      const { policyVersion } = dto;
      const expected = policyVersion === undefined ? {} : { policyVersion };
      const applied = await this.transactions.apply(tx, { ...key, ...expected, request: readRequest(dto, currency) });
      if (!applied) throw notFound('policy', locator);
      return AppliedTransactionDto.from(applied);
    });
  }

  @Get('transactions')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: TransactionPageDto })
  async listTransactions(
    @PathId('locator', 'policy') locator: string,
    @Query() query: PolicyTransactionsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<TransactionPageDto> {
    const { limit } = query;
    const before = decodeCursor(query.cursor);
    const rows = await this.db.snapshot(tenantId, (tx) =>
      this.reader.page(tx, { tenantId, locator }, { before, limit }),
    );
    if (!rows) throw notFound('policy', locator);
    const page = keysetPage(rows, limit, ({ transaction }) => transaction.id);
    return { items: page.rows.map((row) => AppliedTransactionDto.from(row)), nextCursor: page.next };
  }

  @Get('transactions/:id')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: AppliedTransactionDto })
  async getTransaction(
    @PathId('locator', 'policy') locator: string,
    @PathId('id', 'transaction') id: string,
    @Caller() { tenantId }: Caller,
  ): Promise<AppliedTransactionDto> {
    const found = await this.db.snapshot(tenantId, (tx) => this.reader.find(tx, { tenantId, locator }, id));
    if (!found) throw notFound('transaction', id);
    return AppliedTransactionDto.from(found);
  }

  /** The rest of the term is paid by another plan. */
  @Put('plan')
  @RequireScope('billing:write')
  @ApiOkResponse({ type: AppliedTransactionDto })
  changePlan(
    @PathId('locator', 'policy') locator: string,
    @Body() { plan, scope = 'planned', policyVersion }: ChangePlanDto,
    @Once() once: Once,
  ): Promise<AppliedTransactionDto> {
    return once(async (tx, { tenantId }) => {
      const request = { type: 'plan_change', plan, scope } as const;
      const expected = policyVersion === undefined ? {} : { policyVersion };
      const applied = await this.transactions.apply(tx, { tenantId, locator, ...expected, request });
      if (!applied) throw notFound('policy', locator);
      return AppliedTransactionDto.from(applied);
    });
  }

  /** Who is behind it, for everything that is billed, charged or reserved from now on. */
  @Patch()
  @RequireScope('billing:write')
  @ApiOkResponse({ type: PolicyDto })
  changeParties(
    @PathId('locator', 'policy') locator: string,
    @Body() dto: ChangePartiesDto,
    @Once() once: Once,
  ): Promise<PolicyDto> {
    const request = { type: 'party_change', parties: partyChangesOf(dto) } as const;
    const { policyVersion } = dto;
    return once(async (tx, { tenantId }) => {
      const expected = policyVersion === undefined ? {} : { policyVersion };
      const applied = await this.transactions.apply(tx, { tenantId, locator, ...expected, request });
      const changed = applied && (await this.policies.find(tx, { tenantId, locator }));
      if (!changed) throw notFound('policy', locator);
      return PolicyDto.from(changed);
    });
  }
}
