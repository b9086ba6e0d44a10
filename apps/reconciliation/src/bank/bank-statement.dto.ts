import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsISO8601, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import type { StatementKind, StatementState } from '../domain/bank-statement.ts';
import { BankLineDto, there } from './bank-line.dto.ts';
import type { StoredStatement } from './stored-statement.ts';

const states = ['balanced', 'unproven', 'unbalanced', 'accepted'] as const satisfies StatementState[];
const kinds = ['statement', 'interim', 'notification'] as const satisfies StatementKind[];

/** A calendar date in a query. */
export function IsDay(): PropertyDecorator {
  const message = 'must be a date such as 2025-01-31';
  const decorators = [IsISO8601({ strict: true }, { message }), Matches(/^\d{4}-\d{2}-\d{2}$/, { message })];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export class BankStatementsQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be the id of a bank account' })
  accountId?: string;

  @ApiPropertyOptional({ enum: states })
  @IsOptional()
  @IsIn(states, { message: `must be one of ${states.join(', ')}` })
  state?: StatementState;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'Statements that end on this day or later.' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'Statements that end on this day or earlier.' })
  @IsOptional()
  @IsDay()
  to?: string;
}

/** Of the lines of one statement. */
export class BankLinesQuery extends CursorQuery {}

export class AcceptStatementDto {
  @ApiProperty({ minLength: 1, maxLength: 500, description: 'Why it is taken although it does not add up.' })
  @IsString()
  @Length(1, 500)
  reason: string;
}

export class BankAccountDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: 'As the bank writes it.' })
  number: string;
  @ApiPropertyOptional({ type: String })
  bank?: string;
}

export class BankStatementDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  fileId: string;
  @ApiProperty({ type: BankAccountDto })
  account: BankAccountDto;
  @ApiProperty({ example: 'camt' })
  format: string;
  @ApiProperty({ enum: kinds })
  kind: StatementKind;
  @ApiPropertyOptional({ type: String, description: 'Its number at the bank, with the page.' })
  sequence?: string;
  @ApiPropertyOptional({ type: String })
  reference?: string;
  @ApiPropertyOptional({ type: String, format: 'date' })
  from?: string;
  @ApiProperty({ format: 'date' })
  to: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiPropertyOptional({ type: String, description: 'Decimal string; where the bank says it.' })
  opening?: string;
  @ApiPropertyOptional({ type: String, description: 'Decimal string; where the bank says it.' })
  closing?: string;
  @ApiProperty({ description: 'Decimal string: the sum of what is booked.' })
  movement: string;
  @ApiProperty({ description: 'How many lines it has; those that an earlier statement said are shown there.' })
  lineCount: number;
  @ApiProperty({ enum: states, description: '`unbalanced` is held: its lines are not matched.' })
  state: StatementState;
  @ApiProperty({ type: [String], description: 'What contradicts itself in it.' })
  faults: string[];
  @ApiProperty({ type: [String] })
  warnings: string[];
  @ApiPropertyOptional({ type: String })
  acceptedReason?: string;
  @ApiProperty({ format: 'date-time' })
  receivedAt: string;

  static from(statement: StoredStatement): BankStatementDto {
    const { id, fileId, account, format, kind, to, currency, lines, state, faults, warnings } = statement;
    const { sequence, reference, from, opening, closing, movement, acceptedReason, receivedAt } = statement;
    const decimal = (minor: bigint | null) => (minor === null ? null : formatAmount({ minor, currency }));
    return {
      ...{ id, fileId, format, kind, to, currency, state },
      account: { id: account.id, number: account.number, ...there({ bank: account.bank }) },
      ...{ movement: formatAmount({ minor: movement, currency }), lineCount: lines },
      ...{ faults: [...faults], warnings: [...warnings], receivedAt: receivedAt.toISOString() },
      ...there({ sequence, reference, from, opening: decimal(opening), closing: decimal(closing), acceptedReason }),
    };
  }
}

export class BankStatementPageDto {
  @ApiProperty({ type: [BankStatementDto] })
  items: BankStatementDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class BankStatementLinesDto extends BankStatementDto {
  @ApiProperty({ type: [BankLineDto] })
  lines: BankLineDto[];
  @ApiProperty({ type: String, nullable: true, description: 'Of the lines.' })
  nextCursor: string | null;
}
