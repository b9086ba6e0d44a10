import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { toNumber } from '@quittance/money/money';
import type { Quote } from '../domain/partner-quote.ts';
import type { Offer } from '../schedules/schedule.view.ts';
import { midnight } from './amount.view.ts';
import { SurchargesDto, TaxDto, totalOf } from './price.dto.ts';
import type { QuotedPackage } from './quote.view.ts';

export class InstalmentPlanDto {
  @ApiProperty({ example: '1year-monthly' }) name: string;
  @ApiProperty({ example: '1Year-Monthly' }) label: string;
  @ApiProperty({ type: 'number', example: 308.0 }) amount: number;
  @ApiProperty({ type: 'number', example: 25.67, description: 'What to ask of the customer first' })
  first_instalment_amount: number;

  static from({ plan, planned }: Offer, currency: string): InstalmentPlanDto {
    const first = planned.instalments[0]?.amountMinor ?? 0n;
    return {
      name: plan.name,
      label: plan.label,
      amount: toNumber({ minor: planned.totalMinor, currency }),
      first_instalment_amount: toNumber({ minor: first, currency }),
    };
  }
}

export class QuoteDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'date-time' }) policy_start_date: string;
  @ApiProperty({ format: 'date-time', description: 'The first date that is no longer covered' })
  policy_end_date: string;
  @ApiProperty({ type: 'number', example: 280.0 }) premium: number;
  @ApiProperty({ type: 'number', example: 308.0 }) amount: number;
  @ApiProperty({ type: () => TaxDto }) tax: TaxDto;
  @ApiProperty({ type: () => SurchargesDto }) surcharges: SurchargesDto;
  @ApiProperty({ type: () => [InstalmentPlanDto] }) instalment_plans: InstalmentPlanDto[];

  static from({ id, startOn, endOn, charges }: Quote, offers: readonly Offer[], currency: string): QuoteDto {
    const premium = totalOf(charges.filter(({ category }) => category === 'premium'));
    return {
      id,
      policy_start_date: midnight(startOn),
      policy_end_date: midnight(endOn),
      premium: toNumber({ minor: premium, currency }),
      amount: toNumber({ minor: totalOf(charges), currency }),
      tax: TaxDto.from(charges, currency),
      surcharges: SurchargesDto.from(charges, currency),
      instalment_plans: offers.map((offer) => InstalmentPlanDto.from(offer, currency)),
    };
  }
}

export class QuotePackageDto {
  @ApiProperty({ format: 'uuid', description: 'The `quote_package_id` of a booking' }) id: string;
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({
    ...{ type: 'object', additionalProperties: { $ref: getSchemaPath(QuoteDto) } },
    description: 'By their position in the request: `{ "0": { … } }`',
  })
  quotes: Record<string, QuoteDto>;

  static from({ quotePackage: { id, currency, quotes }, offers }: QuotedPackage): QuotePackageDto {
    const entries = quotes.map((quote, at) => [String(at), QuoteDto.from(quote, offers[at] ?? [], currency)]);
    return { id, currency, quotes: Object.fromEntries(entries) as Record<string, QuoteDto> };
  }
}
