import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsOptional, IsString, Length } from 'class-validator';
import type { BookedEntry, JournalLine } from '../domain/entry.ts';

export class JournalQuery extends CursorQuery {
  @ApiPropertyOptional({ description: 'Entries that touch this policy.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyLocator?: string;

  @ApiPropertyOptional({ description: 'Entries that touch this payment.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  paymentLocator?: string;
}

const decimal = (minor: bigint, currency: string) => formatAmount({ minor, currency });

export class JournalLineDto {
  @ApiProperty({ example: '1100' })
  account: string;
  @ApiProperty({ example: '25.67', description: 'Decimal string; 0 on a credit line.' })
  debit: string;
  @ApiProperty({ example: '0.00' })
  credit: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiPropertyOptional()
  policyLocator?: string;
  @ApiPropertyOptional()
  paymentLocator?: string;
  @ApiPropertyOptional()
  invoiceLocator?: string;

  static from(line: JournalLine): JournalLineDto {
    const { account, amount, currency, policyLocator, paymentLocator, invoiceLocator } = line;
    return {
      account,
      debit: decimal(amount > 0n ? amount : 0n, currency),
      credit: decimal(amount < 0n ? -amount : 0n, currency),
      currency,
      ...(policyLocator ? { policyLocator } : {}),
      ...(paymentLocator ? { paymentLocator } : {}),
      ...(invoiceLocator ? { invoiceLocator } : {}),
    };
  }
}

export class SourceDto {
  @ApiProperty({ example: 'payment' })
  type: string;
  @ApiProperty()
  id: string;
}

export class JournalEntryDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: 'Order of booking in this installation; gaps are possible.' })
  seq: number;
  @ApiProperty({ example: 'payment_posted' })
  kind: string;
  @ApiProperty({ format: 'date' })
  effectiveDate: string;
  @ApiProperty({ format: 'date-time' })
  postedAt: string;
  @ApiProperty({ type: SourceDto })
  source: SourceDto;
  @ApiPropertyOptional({ format: 'uuid', description: 'The entry that this one undoes.' })
  reverses?: string;
  @ApiProperty({ type: [JournalLineDto] })
  lines: JournalLineDto[];

  static from(entry: BookedEntry): JournalEntryDto {
    const { id, seq, kind, effectiveOn, postedAt, source, reverses, lines } = entry;
    return {
      id,
      seq,
      kind,
      effectiveDate: effectiveOn,
      postedAt: postedAt.toISOString(),
      source,
      ...(reverses ? { reverses } : {}),
      lines: lines.map((line) => JournalLineDto.from(line)),
    };
  }
}

export class JournalPageDto {
  @ApiProperty({ type: [JournalEntryDto] })
  items: JournalEntryDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
