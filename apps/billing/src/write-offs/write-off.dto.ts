import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { amountOf, IsAmount } from '@quittance/service-kit/http/amounts';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import { Length, Min, ValidateNested } from 'class-validator';
import { writeOffCauses } from '../domain/invoice.ts';
import type { WriteOffCause } from '../domain/invoice.ts';
import { writeOffStates } from '../domain/write-off.ts';
import type { WriteOffState, WriteOffWish } from '../domain/write-off.ts';
import type { NewWriteOff, StoredWriteOff } from './write-off.view.ts';

const ITEMS_MAX = 100;

export class WriteOffItemDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'As the invoice numbers its items' })
  @IsInt()
  @Min(1)
  itemNo: number;

  @ApiProperty({ type: String, example: '2.33' })
  @IsAmount()
  amount: string | number;
}

export class CreateWriteOffDto {
  @ApiProperty({ format: 'uuid' })
  @IsUUID('all')
  invoiceLocator: string;

  @ApiPropertyOptional({
    type: String,
    example: '10.00',
    description: 'Without it, and without items: all that is owed',
  })
  @IsOptional()
  @IsAmount()
  amount?: string | number;

  @ApiPropertyOptional({ type: () => [WriteOffItemDto], description: 'What of which item, in place of an amount' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ITEMS_MAX)
  @ValidateNested({ each: true })
  @Type(() => WriteOffItemDto)
  items?: WriteOffItemDto[];

  @ApiProperty({ minLength: 1, maxLength: 500 })
  @IsString()
  @Length(1, 500)
  reason: string;

  static toNew({ invoiceLocator, reason, amount, items }: CreateWriteOffDto): NewWriteOff {
    if (amount != null && items) throw invalidRequest([{ pointer: '/items', detail: 'not together with amount' }]);
    const minorOf = (value: string | number, currency: string, pointer: string) =>
      amountOf(value, currency, pointer, { positive: true }).minor;
    const wishIn = (currency: string): WriteOffWish => {
      if (amount != null) return { kind: 'amount', amountMinor: minorOf(amount, currency, '/amount') };
      if (!items) return { kind: 'all' };
      const parts = items.map((item, index) => {
        return { itemNo: item.itemNo, amountMinor: minorOf(item.amount, currency, `/items/${index}/amount`) };
      });
      return { kind: 'items', items: parts };
    };
    return { invoiceId: invoiceLocator.toLowerCase(), reason, wishIn };
  }
}

export class WriteOffsQuery extends CursorQuery {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID('all')
  invoiceLocator?: string;

  @ApiPropertyOptional({ enum: writeOffStates })
  @IsOptional()
  @IsIn(writeOffStates)
  state?: WriteOffState;
}

export class WriteOffDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) invoiceLocator: string;
  @ApiProperty({ enum: writeOffStates }) state: WriteOffState;
  @ApiProperty({ enum: writeOffCauses, description: '`tolerance`: so little was missing that it counts as paid' })
  cause: WriteOffCause;
  @ApiProperty({ example: '25.67' }) amount: string;
  @ApiProperty() currency: string;
  @ApiProperty({ type: () => [WriteOffItemDto] }) items: WriteOffItemDto[];
  @ApiPropertyOptional() reason?: string;
  @ApiProperty({ format: 'date' }) writtenOffOn: string;
  @ApiPropertyOptional({ format: 'date' }) reversedOn?: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from(writeOff: StoredWriteOff): WriteOffDto {
    const { id, invoiceId, state, cause, currency, reason, writtenOffOn, reversedOn, createdAt } = writeOff;
    const text = (minor: bigint) => formatAmount({ minor, currency });
    return {
      ...{ id, invoiceLocator: invoiceId, state, cause, amount: text(writeOff.amountMinor), currency },
      items: writeOff.items.map(({ itemNo, amountMinor }) => ({ itemNo, amount: text(amountMinor) })),
      ...(reason === null ? {} : { reason }),
      writtenOffOn,
      ...(reversedOn === null ? {} : { reversedOn }),
      createdAt: createdAt.toISOString(),
    };
  }
}

export class WriteOffPageDto {
  @ApiProperty({ type: () => [WriteOffDto] }) items: WriteOffDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
