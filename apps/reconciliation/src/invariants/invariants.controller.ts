import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { InvariantsDto } from './invariant.dto.ts';
import { InvariantsService } from './invariants.service.ts';

@Controller('invariants')
export class InvariantsController {
  constructor(
    private readonly db: Database,
    private readonly invariants: InvariantsService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What must always hold of the books, and whether it does' })
  @ApiOkResponse({ type: InvariantsDto })
  async list(@Caller() { tenantId }: Caller): Promise<InvariantsDto> {
    return InvariantsDto.from(await this.db.withTenant(tenantId, (tx) => this.invariants.verdicts(tx, tenantId)));
  }
}
