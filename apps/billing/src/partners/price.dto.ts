import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { shown } from './amount.view.ts';

/** A part of a price: of a quote's, or of an instalment's. */
export interface PriceLine {
  readonly category: string;
  readonly code: string | null;
  readonly amountMinor: bigint;
}

export class PriceItemDto {
  @ApiPropertyOptional() code?: string;
  @ApiProperty({ example: '2.33' }) amount: string;
  @ApiProperty({ example: '€2.33' }) amount_formatted: string;
}

export class TaxDto {
  @ApiProperty({ type: () => [PriceItemDto] }) taxes: PriceItemDto[];
  @ApiProperty({ example: '0.00' }) total_tax: string;
  @ApiProperty({ example: '€0.00' }) total_tax_formatted: string;
  @ApiProperty({ example: '7.50' }) total_amount_without_tax: string;
  @ApiProperty({ example: '€7.50' }) total_amount_without_tax_formatted: string;

  static from(lines: readonly PriceLine[], currency: string): TaxDto {
    const taxes = lines.filter(({ category }) => category === 'tax');
    const [tax, total] = [totalOf(taxes), totalOf(lines)];
    return {
      taxes: itemsOf(taxes, currency),
      total_tax: formatAmount({ minor: tax, currency }),
      total_tax_formatted: shown(tax, currency),
      total_amount_without_tax: formatAmount({ minor: total - tax, currency }),
      total_amount_without_tax_formatted: shown(total - tax, currency),
    };
  }
}

/** Empty where there are none. */
export class SurchargesDto {
  @ApiPropertyOptional({ type: () => [PriceItemDto] }) surcharges?: PriceItemDto[];
  @ApiPropertyOptional({ example: '1.00' }) total_surcharge?: string;
  @ApiPropertyOptional({ example: '€1.00' }) total_surcharge_formatted?: string;

  static from(lines: readonly PriceLine[], currency: string): SurchargesDto {
    const surcharges = lines.filter(({ category }) => category === 'surcharge');
    if (surcharges.length === 0) return {};
    const total = totalOf(surcharges);
    return {
      surcharges: itemsOf(surcharges, currency),
      total_surcharge: formatAmount({ minor: total, currency }),
      total_surcharge_formatted: shown(total, currency),
    };
  }
}

export function totalOf(lines: readonly PriceLine[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

function itemsOf(lines: readonly PriceLine[], currency: string): PriceItemDto[] {
  return lines.map(({ code, amountMinor: minor }) => ({
    ...(code === null ? {} : { code }),
    amount: formatAmount({ minor, currency }),
    amount_formatted: shown(minor, currency),
  }));
}
