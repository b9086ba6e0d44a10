import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { TrailDto } from './trail.dto.ts';
import { TrailService } from './trail.service.ts';

@Controller()
export class TrailController {
  constructor(
    private readonly db: Database,
    private readonly trails: TrailService,
  ) {}

  @Get('payments/:locator/trail')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'Where the money of a payment is: report, payout, bank line, statement' })
  @ApiOkResponse({ type: TrailDto })
  async get(@Caller() { tenantId }: Caller, @PathId('locator', 'payment') locator: string): Promise<TrailDto> {
    const trail = await this.db.snapshot(tenantId, (tx) => this.trails.follow(tx, locator));
    if (!trail) throw notFound('payment', locator);
    return TrailDto.from(trail);
  }
}
