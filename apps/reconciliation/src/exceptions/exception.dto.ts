import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { ageBuckets } from '../domain/ageing.ts';
import type { AgeBucket } from '../domain/ageing.ts';
import { exceptionStates } from '../domain/exception-life.ts';
import type { ExceptionState } from '../domain/exception-life.ts';
import { exceptionTypes } from '../domain/exception.ts';
import type { ExceptionType } from '../domain/exception.ts';
import type { WorkException } from './work-exception.ts';

const types = Object.keys(exceptionTypes) as ExceptionType[];

export class ExceptionsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: types })
  @IsOptional()
  @IsIn(types)
  type?: ExceptionType;

  @ApiPropertyOptional({ enum: exceptionStates })
  @IsOptional()
  @IsIn(exceptionStates)
  state?: ExceptionState;

  @ApiPropertyOptional({ enum: ageBuckets, description: 'Working days since it was opened; of open ones' })
  @IsOptional()
  @IsIn(ageBuckets)
  bucket?: AgeBucket;

  @ApiPropertyOptional({ type: String, maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  assignee?: string;

  @ApiPropertyOptional({ type: String, maxLength: 64, example: 'payment' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  subjectType?: string;

  @ApiPropertyOptional({ type: String, maxLength: 128 })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  subjectId?: string;
}

export class ExceptionSubjectDto {
  @ApiProperty({ example: 'payment' })
  type: string;
  @ApiProperty()
  id: string;
}

export class ExceptionDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: types })
  type: ExceptionType;
  @ApiProperty({ type: ExceptionSubjectDto, description: 'What does not add up.' })
  subject: ExceptionSubjectDto;
  @ApiProperty()
  detail: string;
  @ApiPropertyOptional({ type: String, example: '25.67', description: 'Where it is about money.' })
  amount?: string;
  @ApiPropertyOptional({ type: String, example: 'USD' })
  currency?: string;
  @ApiProperty({ enum: exceptionStates })
  state: ExceptionState;
  @ApiProperty({ type: String, nullable: true })
  assignee: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'How it was closed.' })
  resolution: string | null;
  @ApiProperty({ type: 'integer', description: 'How often it was opened again.' })
  reopened: number;
  @ApiProperty({ format: 'date-time' })
  openedAt: string;
  @ApiProperty({ format: 'date-time', description: 'By when somebody should have closed it.' })
  dueAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  closedAt: string | null;

  static from(found: WorkException): ExceptionDto {
    return Object.assign(new ExceptionDto(), membersOf(found));
  }
}

export function membersOf(found: WorkException): ExceptionDto {
  const { id, type, subject, detail, amount, state, assignee, resolution, reopened } = found;
  return {
    ...{ id, type, subject, detail, state, assignee, resolution, reopened },
    ...(amount ? { amount: formatAmount(amount), currency: amount.currency } : {}),
    ...{ openedAt: found.openedAt.toISOString(), dueAt: found.dueAt.toISOString() },
    closedAt: found.closedAt?.toISOString() ?? null,
  };
}

export class ExceptionPageDto {
  @ApiProperty({ type: () => [ExceptionDto] })
  items: ExceptionDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

/** An id, not a name or an address: events carry it. */
const ASSIGNEE = /^[\w.:-]{1,64}$/;
const CODE = /^[a-z][a-z0-9_]{0,63}$/;

export class PatchExceptionDto {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 64, description: 'Null: nobody any more' })
  @IsOptional()
  @Matches(ASSIGNEE, { message: 'assignee must be an id: letters, digits and . : - _, at most 64' })
  assignee?: string | null;

  @ApiPropertyOptional({ enum: ['pending_info'], description: 'It waits for what somebody outside knows' })
  @IsOptional()
  @IsIn(['pending_info'])
  state?: 'pending_info';

  @ApiPropertyOptional({ type: String, maxLength: 500, description: 'For the history' })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  note?: string;
}

export class ResolveExceptionDto {
  @ApiProperty({ type: String, example: 'paid_out_late', description: 'A code: events carry it' })
  @Matches(CODE, { message: 'resolution must be a code: small letters, digits and _, at most 64' })
  resolution: string;

  @ApiPropertyOptional({ type: String, maxLength: 500, description: 'For the history' })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  note?: string;
}

export class ReopenExceptionDto {
  @ApiProperty({ type: String, maxLength: 500 })
  @IsString()
  @Length(1, 500)
  reason: string;
}

export class WriteOffExceptionDto extends ReopenExceptionDto {
  @ApiPropertyOptional({
    type: String,
    example: '1100',
    description: 'Where the difference stands, if the type does not say',
  })
  @IsOptional()
  @IsString()
  @MaxLength(8)
  account?: string;
}
