import { Controller, Get, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, getSchemaPath } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { JournalEntryDto, JournalPageDto, JournalQuery } from './journal.dto.ts';
import { TrialBalanceDto } from './trial-balance.dto.ts';
import { JournalService } from './journal.service.ts';

const byCurrency = { type: 'object', additionalProperties: { $ref: getSchemaPath(TrialBalanceDto) } };

@Controller()
export class JournalController {
  constructor(
    private readonly db: Database,
    private readonly journal: JournalService,
  ) {}

  @Get('journal-entries')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'Journal entries, newest first' })
  @ApiOkResponse({ type: JournalPageDto })
  async list(@Caller() caller: Caller, @Query() query: JournalQuery): Promise<JournalPageDto> {
    const { limit, policyLocator, paymentLocator } = query;
    const filter = { limit, policyLocator, paymentLocator, before: decodeCursor(query.cursor) };
    const entries = await this.db.withTenant(caller.tenantId, (tx) => this.journal.page(tx, filter));
    const { rows, next } = keysetPage(entries, limit, ({ id }) => id);
    return { items: rows.map((entry) => JournalEntryDto.from(entry)), nextCursor: next };
  }

  @Get('trial-balance')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'Debits, credits and balance of every account, by currency' })
  @ApiExtraModels(TrialBalanceDto)
  @ApiOkResponse({ schema: byCurrency })
  async trialBalance(@Caller() caller: Caller): Promise<Record<string, TrialBalanceDto>> {
    return TrialBalanceDto.byCurrency(await this.db.withTenant(caller.tenantId, (tx) => this.journal.balances(tx)));
  }
}
