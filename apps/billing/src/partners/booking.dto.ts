import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import type { ChosenQuote, QuotePackage } from '../domain/partner-quote.ts';

const FULL_PAY = 'full-pay';

export class ChosenQuoteDto {
  @ApiProperty({ format: 'uuid' })
  @IsUUID('all')
  id: string;

  @ApiPropertyOptional({ maxLength: 64, example: '1year-monthly', description: 'Absent: the premium is paid at once' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  instalment_plan?: string;
}

/** `POST /x/partners/{partner_id}/bookings/{quote_package_id}/`. */
export class BookQuotesDto {
  @ApiProperty({ type: () => [ChosenQuoteDto] })
  @ValidateNested({ each: true })
  @Type(() => ChosenQuoteDto)
  @ArrayUnique((quote: Partial<ChosenQuoteDto> | null) => quote?.id, { message: 'must name each quote once' })
  @ArrayMaxSize(50)
  @ArrayNotEmpty()
  @IsArray()
  quotes: ChosenQuoteDto[];

  @ApiPropertyOptional({
    ...{ type: 'object', additionalProperties: true },
    description: 'Who is insured. Taken and not kept: the policyholder is named by the id of the package',
  })
  @IsOptional()
  @IsObject()
  policyholder?: Record<string, unknown>;

  static toChosen({ quotes }: BookQuotesDto): ChosenQuote[] {
    return quotes.map(({ id, instalment_plan: plan = FULL_PAY }) => ({ id: id.toLowerCase(), plan }));
  }
}

export class BookedQuoteDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ example: '1year-monthly' }) instalment_plan: string;
  @ApiProperty({ format: 'uuid' }) policy_locator: string;
}

export class BookingDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: ['CONFIRMED'] }) status: 'CONFIRMED';
  @ApiProperty({ example: 'USD' }) currency: string;
  @ApiProperty({ type: () => [BookedQuoteDto] }) quotes: BookedQuoteDto[];

  static from({ id, currency, quotes }: QuotePackage): BookingDto {
    return {
      ...{ id, status: 'CONFIRMED', currency },
      quotes: quotes.flatMap(({ id: quoteId, booked }) =>
        booked ? [{ id: quoteId, instalment_plan: booked.plan, policy_locator: booked.policyLocator }] : [],
      ),
    };
  }
}
