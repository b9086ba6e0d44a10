import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import type { BookedEntry, JournalLine } from '../domain/entry.ts';
import { IsDate } from './date.validator.ts';
import type { EntryFilter } from './entry-page.ts';

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

  @ApiPropertyOptional({ example: '1100', description: 'Entries with a line on this account.' })
  @IsOptional()
  @Matches(/^\d{4}$/, { message: 'must be the code of an account' })
  account?: string;

  @ApiPropertyOptional({ example: 'payment:0194205c-2c00-7000-8000-000000000015', description: 'Type and id.' })
  @IsOptional()
  @Matches(/^[a-z_]{1,64}:.{1,200}$/, { message: 'must be a type and an id, as payment:<id>' })
  source?: string;

  @ApiPropertyOptional({ format: 'date', description: 'Effective on this date or later.' })
  @IsOptional()
  @IsDate()
  from?: string;

  @ApiPropertyOptional({ format: 'date', description: 'Effective on this date or before.' })
  @IsOptional()
  @IsDate()
  to?: string;

  filter(): Omit<EntryFilter, 'before' | 'limit'> {
    const { policyLocator, paymentLocator, account, from, to } = this;
    const [, type = '', id = ''] = /^(\w+):(.*)$/.exec(this.source ?? '') ?? [];
    return { policyLocator, paymentLocator, account, from, to, ...(type ? { source: { type, id } } : {}) };
  }
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
  @ApiPropertyOptional()
  party?: string;

  static from(line: JournalLine): JournalLineDto {
    const { account, amount, currency, policyLocator, paymentLocator, invoiceLocator, party } = line;
    return {
      account,
      debit: decimal(amount > 0n ? amount : 0n, currency),
      credit: decimal(amount < 0n ? -amount : 0n, currency),
      currency,
      ...(policyLocator ? { policyLocator } : {}),
      ...(paymentLocator ? { paymentLocator } : {}),
      ...(invoiceLocator ? { invoiceLocator } : {}),
      ...(party ? { party } : {}),
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
  @ApiPropertyOptional({ format: 'date', description: 'Its own date, where the month of that was closed before.' })
  originalEffectiveDate?: string;
  @ApiProperty({ format: 'date-time' })
  postedAt: string;
  @ApiProperty({ type: SourceDto })
  source: SourceDto;
  @ApiPropertyOptional({ format: 'uuid', description: 'The entry that this one undoes.' })
  reverses?: string;
  @ApiPropertyOptional({ description: 'What a person said who booked it by hand.' })
  description?: string;
  @ApiPropertyOptional({ description: 'The client that booked it by hand.' })
  bookedBy?: string;
  @ApiProperty({ type: [JournalLineDto] })
  lines: JournalLineDto[];

  static from(entry: BookedEntry): JournalEntryDto {
    const { id, seq, kind, effectiveOn, originalEffectiveOn, postedAt, source, reverses, lines } = entry;
    const { description, bookedBy } = entry;
    return {
      id,
      seq,
      kind,
      effectiveDate: effectiveOn,
      ...(originalEffectiveOn ? { originalEffectiveDate: originalEffectiveOn } : {}),
      postedAt: postedAt.toISOString(),
      source,
      ...(reverses ? { reverses } : {}),
      ...(description ? { description } : {}),
      ...(bookedBy ? { bookedBy } : {}),
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
