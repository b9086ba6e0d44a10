import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { defaultHandling } from '../domain/charge.ts';
import type { Charge, ChargeCategory } from '../domain/charge.ts';
import type { QuoteTerms } from '../domain/partner-quote.ts';
import { IsCurrencyCode } from '../policies/policy.validators.ts';
import {
  CanBeBilled,
  EndsAfter,
  IsDateOrInstant,
  IsQuotedAmount,
  IsTotalOf,
  minorOf,
  readAllIn,
  readDate,
} from './partner.validators.ts';

const amountType = { oneOf: [{ type: 'string' }, { type: 'number' }], example: '28.00' };
const dateType = {
  example: '2021-08-25',
  description: 'A date, or an RFC 3339 instant, of which the date in UTC counts',
};

export class PricePartDto {
  @ApiProperty({ maxLength: 64, example: 'IPT' })
  @IsString()
  @Length(1, 64)
  code: string;

  @ApiProperty(amountType)
  @IsQuotedAmount()
  amount: string | number;
}

export class QuotedTaxDto {
  @ApiPropertyOptional({ type: () => [PricePartDto] })
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => PricePartDto)
  @ArrayMaxSize(50)
  @IsArray()
  taxes?: PricePartDto[];

  @ApiPropertyOptional({ ...amountType, description: 'The sum of `taxes`; alone it is one tax' })
  @IsOptional()
  @IsTotalOf('taxes')
  @IsQuotedAmount()
  total_tax?: string | number;
}

export class QuotedSurchargesDto {
  @ApiPropertyOptional({ type: () => [PricePartDto] })
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => PricePartDto)
  @ArrayMaxSize(50)
  @IsArray()
  surcharges?: PricePartDto[];

  @ApiPropertyOptional({ ...amountType, description: 'The sum of `surcharges`; alone it is one surcharge' })
  @IsOptional()
  @IsTotalOf('surcharges')
  @IsQuotedAmount()
  total_surcharge?: string | number;
}

export class PricedQuoteDto {
  @ApiProperty(dateType)
  @IsDateOrInstant()
  policy_start_date: string;

  @ApiProperty({ ...dateType, example: '2022-08-25', description: `${dateType.description}; no longer covered` })
  @EndsAfter('policy_start_date')
  @IsDateOrInstant()
  policy_end_date: string;

  @ApiProperty({ ...amountType, example: '280.00', description: 'Without tax and surcharges' })
  @CanBeBilled((quote) => totalOf(quote as PricedQuoteDto))
  @IsQuotedAmount()
  premium: string | number;

  @ApiPropertyOptional({ type: () => QuotedTaxDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => QuotedTaxDto)
  tax?: QuotedTaxDto;

  @ApiPropertyOptional({ type: () => QuotedSurchargesDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => QuotedSurchargesDto)
  surcharges?: QuotedSurchargesDto;
}

/** `POST /x/partners/{partner_id}/quotes/`. */
export class RequestQuotesDto {
  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;

  @ApiProperty({ type: () => [PricedQuoteDto] })
  @ValidateNested({ each: true })
  @Type(() => PricedQuoteDto)
  @Transform(({ value, obj }: { value: unknown; obj: { currency?: unknown } }) => {
    readAllIn(value, obj.currency);
    return value;
  })
  @ArrayMaxSize(50)
  @ArrayNotEmpty()
  @IsArray()
  quotes: PricedQuoteDto[];
}

/** What the partner asks for, in our words. */
export function quoteTermsOf({ quotes }: RequestQuotesDto): QuoteTerms[] {
  return quotes.map((quote) => ({
    startOn: readDate(quote.policy_start_date) ?? '',
    endOn: readDate(quote.policy_end_date) ?? '',
    charges: chargesOf(quote),
  }));
}

/** The premium last, as it usually is the largest; what is nothing is no charge. */
function chargesOf(quote: PricedQuoteDto): Charge[] {
  return partsOf(quote).flatMap(({ category, code, minor }) =>
    minor ? [{ category, code, amountMinor: minor, handling: defaultHandling(category) }] : [],
  );
}

/** Null where a part has no amount. */
function totalOf(quote: PricedQuoteDto): bigint | null {
  return partsOf(quote).reduce<bigint | null>(
    (sum, { minor }) => (sum === null || minor === null ? null : sum + minor),
    0n,
  );
}

interface Part {
  readonly category: ChargeCategory;
  readonly code: string | null;
  readonly minor: bigint | null;
}

function partsOf(quote: PricedQuoteDto): Part[] {
  const { premium, tax, surcharges } = quote;
  return [
    ...itemsOf('tax', tax?.taxes, { total: tax?.total_tax, of: tax }),
    ...itemsOf('surcharge', surcharges?.surcharges, { total: surcharges?.total_surcharge, of: surcharges }),
    { category: 'premium', code: null, minor: minorOf(premium, quote) },
  ];
}

/** Read before it is known to be valid: `items` may be anything. */
function itemsOf(
  category: ChargeCategory,
  items: readonly PricePartDto[] | undefined,
  { total, of }: { total: string | number | undefined; of: object | undefined },
): Part[] {
  if (Array.isArray(items) && items.length > 0)
    return (items as PricePartDto[]).map((item) => ({
      category,
      code: item?.code,
      minor: minorOf(item?.amount, item),
    }));
  return total === undefined || !of ? [] : [{ category, code: null, minor: minorOf(total, of) }];
}
