import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { LedgerService } from './ledger.service.ts';
import { BatchDto, ProofDto, ProofQuery } from './proof.dto.ts';

const isNumber = (key: string) => /^\d{1,15}$/.test(key);

@Controller('ledger')
export class LedgerController {
  constructor(
    private readonly db: Database,
    private readonly ledger: LedgerService,
  ) {}

  @Get('proof')
  @RequireScope('recon:read')
  @ApiOperation({
    summary: 'The seals of the ledger, oldest first',
    description: 'Whoever keeps a hash can tell later whether any entry up to it was changed.',
  })
  @ApiOkResponse({ type: ProofDto })
  async proof(@Caller() { tenantId }: Caller, @Query() query: ProofQuery): Promise<ProofDto> {
    const { limit, fromSeq = 1, toSeq = Number.MAX_SAFE_INTEGER } = query;
    const afterN = Number(decodeCursor(query.cursor, 'cursor', isNumber) ?? 0);
    const page = { tenantId, fromSeq, toSeq, afterN, limit: limit + 1 };
    const batches = await this.db.withTenant(tenantId, (tx) => this.ledger.proof(tx, page));
    const { rows, next } = keysetPage(batches, limit, ({ n }) => String(n));
    return { items: rows.map((batch) => BatchDto.from(batch)), nextCursor: next };
  }
}
