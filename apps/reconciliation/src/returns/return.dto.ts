import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsOptional, IsUUID } from 'class-validator';
import type { FoundReturn } from './return-item.ts';

export class ReturnsQuery extends CursorQuery {
  @ApiPropertyOptional({ format: 'uuid', description: 'Those of this payment.' })
  @IsOptional()
  @IsUUID('all', { message: 'must be the id of a payment' })
  paymentLocator?: string;
}

export class ReturnDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ['returned', 'dishonoured', 'contested', 'enrolment', 'change'] })
  kind: string;
  @ApiProperty({ example: 'R01' })
  code: string;
  @ApiProperty({ enum: ['retryable', 'unauthorised', 'account_unusable', 'recalled', 'other'] })
  family: string;
  @ApiProperty({ description: 'Trace number of the entry that came back.' })
  originalTrace: string;
  @ApiPropertyOptional({ description: 'Trace number of the return that this one answers.' })
  returnTrace?: string;
  @ApiPropertyOptional({ example: 'R01', description: 'Code of the return that this one answers.' })
  returnCode?: string;
  @ApiProperty({ enum: ['debit', 'credit'], description: 'A debit collected money, a credit paid it out.' })
  direction: string;
  @ApiProperty({ example: '25.67' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ format: 'date' })
  effectiveDate: string;
  @ApiProperty({ type: String, nullable: true, format: 'uuid' })
  paymentLocator: string | null;
  @ApiProperty({ format: 'uuid' })
  fileId: string;

  static from(found: FoundReturn): ReturnDto {
    const { id, kind, code, family, originalTrace, returnTrace, returnCode, direction, currency, fileId } = found;
    return {
      ...{ id, kind, code, family, originalTrace },
      ...(returnTrace === null ? {} : { returnTrace }),
      ...(returnCode === null ? {} : { returnCode }),
      ...{ direction, amount: formatAmount({ minor: found.amount, currency }), currency },
      ...{ effectiveDate: found.effectiveOn, paymentLocator: found.paymentLocator, fileId },
    };
  }
}

export class ReturnPageDto {
  @ApiProperty({ type: [ReturnDto] })
  items: ReturnDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
