import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { EquityService } from './equity.service.ts';
import type { PolicyEquity } from './equity.service.ts';

export class EquityDto {
  @ApiProperty() termNumber: number;
  @ApiProperty({ format: 'date', description: 'The day as of which it is told' }) on: string;
  @ApiProperty() currency: string;
  @ApiProperty({ example: '300.00', description: 'Premium only: fees and taxes pay for no cover' }) paidPremium: string;
  @ApiProperty({ example: '299.18' }) earnedPremium: string;
  @ApiProperty({ example: '0.82', description: 'Negative: more cover was given than was paid for' }) equity: string;
  @ApiProperty({ example: '0.07', description: 'Of the premium of the term' }) percent: string;
  @ApiProperty({ format: 'date', description: 'The first day whose cover is not paid for' }) equityDate: string;

  static from({ equity, term, currency, today }: PolicyEquity): EquityDto {
    const text = (minor: bigint) => formatAmount({ minor, currency });
    return {
      termNumber: term.number,
      on: today,
      currency,
      paidPremium: text(equity.paidMinor),
      earnedPremium: text(equity.earnedMinor),
      equity: text(equity.equityMinor),
      percent: formatAmount({ minor: equity.equityBasisPoints, currency: 'USD' }),
      equityDate: equity.equityOn,
    };
  }
}

@ApiTags('policies')
@Controller('policies/:locator/equity')
export class EquityController {
  constructor(
    private readonly equity: EquityService,
    private readonly db: Database,
  ) {}

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: EquityDto })
  async getEquity(@PathId('locator', 'policy') locator: string, @Caller() { tenantId }: Caller): Promise<EquityDto> {
    const found = await this.db.snapshot(tenantId, (tx) => this.equity.find(tx, { tenantId, locator }));
    if (!found) throw notFound('policy', locator);
    return EquityDto.from(found);
  }
}
