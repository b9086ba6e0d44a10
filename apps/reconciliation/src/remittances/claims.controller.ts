import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { ClaimDto, ClaimsDto, ImportClaimsDto, NewClaimDto } from './claim.dto.ts';
import { RemittanceDesk } from './remittance-desk.service.ts';

@Controller('claims')
export class ClaimsController {
  constructor(
    private readonly db: Database,
    private readonly desk: RemittanceDesk,
  ) {}

  @Post()
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Import what was charged: the other side of what 835s pay' })
  @ApiCreatedResponse({ type: ClaimsDto })
  create(@Body() dto: ImportClaimsDto, @Once() once: Once): Promise<ClaimsDto> {
    const claims = dto.claims.map((claim, index) => NewClaimDto.toClaim(claim, index));
    return once(async (tx, { tenantId }) => {
      const stored = await this.desk.importClaims(tx, tenantId, claims);
      return { items: stored.map((claim) => ClaimDto.from(claim)), nextCursor: null };
    });
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: ClaimDto })
  async get(@PathId('id', 'claim') id: string, @Caller() { tenantId }: Caller): Promise<ClaimDto> {
    const claim = await this.db.withTenant(tenantId, (tx) => this.desk.claim(tx, { tenantId, id }));
    if (!claim) throw notFound('claim', id);
    return ClaimDto.from(claim);
  }
}
