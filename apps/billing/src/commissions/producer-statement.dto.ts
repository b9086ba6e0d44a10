import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { IsOptional, IsString, Length } from 'class-validator';
import type { ProducerBalance } from '../domain/producer-account.ts';
import { IsCalendarDate } from '../policies/policy.validators.ts';

export class ProducerStatementsQuery {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  producerId: string;

  @ApiPropertyOptional({ format: 'date', description: 'The first day; else from the first entry' })
  @IsOptional()
  @IsCalendarDate()
  from?: string;

  @ApiPropertyOptional({ format: 'date', description: 'The first day after it; else to the last entry' })
  @IsOptional()
  @IsCalendarDate()
  to?: string;
}

/** opening + earned − paid = closing, and the next period's opening. */
export class ProducerStatementDto {
  @ApiProperty() producerId: string;
  @ApiProperty() currency: string;
  @ApiPropertyOptional({ format: 'date' }) from?: string;
  @ApiPropertyOptional({ format: 'date' }) to?: string;
  @ApiProperty({ example: '0.00' }) opening: string;
  @ApiProperty({ example: '3.50', description: 'Negative where more was taken back than earned' }) earned: string;
  @ApiProperty({ example: '0.00' }) paid: string;
  @ApiProperty({ example: '3.50' }) closing: string;
  @ApiProperty({ example: '38.50', description: 'What may still be earned, at the end of the period' })
  reserved: string;

  static from(balance: ProducerBalance, { producerId, from, to }: ProducerStatementsQuery): ProducerStatementDto {
    const { currency, openingMinor, earnedMinor, paidMinor, closingMinor, reservedMinor } = balance;
    const text = (minor: bigint) => formatAmount({ minor, currency });
    return {
      ...{ producerId, currency },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...{ opening: text(openingMinor), earned: text(earnedMinor), paid: text(paidMinor) },
      ...{ closing: text(closingMinor), reserved: text(reservedMinor) },
    };
  }
}

export class ProducerStatementPageDto {
  @ApiProperty({ type: () => [ProducerStatementDto], description: 'One a currency' }) items: ProducerStatementDto[];
  @ApiProperty({ type: String, nullable: true, description: 'Always null' }) nextCursor: string | null;
}
