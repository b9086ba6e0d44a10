import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import type { References } from '../domain/bank-statement.ts';
import type { AccountLine } from '../domain/deposit.ts';

export class ReferencesDto {
  @ApiPropertyOptional({ type: String })
  endToEnd?: string;
  @ApiPropertyOptional({ type: String })
  creditor?: string;
  @ApiPropertyOptional({ type: String })
  bank?: string;
  @ApiPropertyOptional({ type: String })
  customer?: string;
  @ApiPropertyOptional({ type: String })
  check?: string;
  @ApiPropertyOptional({ type: String })
  batch?: string;

  static from(references: References): ReferencesDto {
    return there({ ...references });
  }
}

/** What a bank says of a movement. */
export class MovementDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: '1250.50', description: 'Decimal string; negative for what leaves the account.' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ format: 'date' })
  bookedOn: string;
  @ApiPropertyOptional({ type: String, format: 'date' })
  valueOn?: string;
  @ApiProperty({ type: ReferencesDto })
  references: ReferencesDto;
  @ApiPropertyOptional({ type: String, description: "In the bank's words." })
  typeCode?: string;
  @ApiProperty({ description: 'As the bank wrote it.' })
  text: string;
  @ApiPropertyOptional({ type: String, description: 'TRN02 of the 835 that the money is for.' })
  traceNumber?: string;
  @ApiPropertyOptional({ type: String, description: 'TRN03: who sent the 835.' })
  traceOriginator?: string;

  static of(line: AccountLine): MovementDto {
    const { id, amount, currency, bookedOn, valueOn, references, typeCode, text, trn02, trn03 } = line;
    return {
      ...{ id, amount: formatAmount({ minor: amount, currency }), currency, bookedOn },
      references: ReferencesDto.from(references),
      text,
      ...there({ valueOn, typeCode, traceNumber: trn02, traceOriginator: trn03 }),
    };
  }
}

export class BankLineDto extends MovementDto {
  @ApiProperty({ description: 'From 0, in the order of the statement.' })
  position: number;
  @ApiProperty({ description: 'It takes back an earlier movement.' })
  reversal: boolean;
  @ApiProperty({ description: 'Announced, and not booked yet.' })
  pending: boolean;
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'The batch booking that it is a part of.' })
  parentId?: string;

  static from(line: AccountLine & { readonly position: number }): BankLineDto {
    const { position, reversal, pending, parentId } = line;
    return { ...MovementDto.of(line), position, reversal, pending, ...there({ parentId }) };
  }
}

type There<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without the fields that have no value. */
export function there<T extends object>(fields: T): There<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as There<T>;
}
