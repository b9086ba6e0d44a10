import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, getSchemaPath } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { invalidRequest, notFound } from '@quittance/service-kit/http/problem';
import { TrialBalanceDto } from '../journal/trial-balance.dto.ts';
import { AccountDto, AccountsDto, AtQuery, BalancesDto, DimensionQuery } from './balance.dto.ts';
import { BalancesService } from './balances.service.ts';

const byCurrency = { type: 'object', additionalProperties: { $ref: getSchemaPath(TrialBalanceDto) } };
const instant = ({ at, basis = 'effective' }: AtQuery) => ({ at, basis });

@Controller()
export class BalancesController {
  constructor(
    private readonly db: Database,
    private readonly balances: BalancesService,
  ) {}

  @Get('trial-balance')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'Debits, credits and balance of every account, by currency' })
  @ApiExtraModels(TrialBalanceDto)
  @ApiOkResponse({ schema: byCurrency })
  async trialBalance(@Caller() caller: Caller, @Query() query: AtQuery): Promise<Record<string, TrialBalanceDto>> {
    const read = this.db.withTenant(caller.tenantId, (tx) => this.balances.trialBalance(tx, instant(query)));
    return TrialBalanceDto.byCurrency(await read);
  }

  @Get('accounts')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'The chart of accounts' })
  @ApiOkResponse({ type: AccountsDto })
  async accounts(@Caller() caller: Caller): Promise<AccountsDto> {
    const accounts = await this.db.withTenant(caller.tenantId, (tx) => this.balances.accounts(tx));
    return { items: accounts.map((account) => AccountDto.from(account)), nextCursor: null };
  }

  @Get('accounts/:code/balance')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What stands on an account, a line a currency' })
  @ApiOkResponse({ type: BalancesDto })
  async balance(@Caller() caller: Caller, @Param('code') code: string, @Query() query: AtQuery): Promise<BalancesDto> {
    const found = await this.db.withTenant(caller.tenantId, (tx) => this.balances.ofAccount(tx, code, instant(query)));
    if (!found) throw notFound('account', code.slice(0, 64).replace(/[^\x20-\x7e]/g, '?'));
    return BalancesDto.from(found);
  }

  @Get('balances')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What stands on the accounts of a policy, an invoice or a party' })
  @ApiOkResponse({ type: BalancesDto })
  async ofDimension(@Caller() caller: Caller, @Query() query: DimensionQuery): Promise<BalancesDto> {
    const { policy, invoice, party } = query;
    if (policy === undefined && invoice === undefined && party === undefined) {
      const detail = 'one of policy, invoice and party is needed';
      throw invalidRequest(['policy', 'invoice', 'party'].map((parameter) => ({ parameter, detail })));
    }
    return BalancesDto.from(
      await this.db.withTenant(caller.tenantId, (tx) => this.balances.ofDimension(tx, { ...query })),
    );
  }
}
