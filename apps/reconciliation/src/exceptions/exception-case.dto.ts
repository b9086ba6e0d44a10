import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { ageBuckets } from '../domain/ageing.ts';
import type { AgeBucket } from '../domain/ageing.ts';
import { accountOf } from '../domain/chart.ts';
import { ExceptionDto, membersOf } from './exception.dto.ts';
import type { AgeingOfType, ExceptionCase, HistoryEntry } from './work-exception.ts';

export class HistoryEntryDto {
  @ApiProperty({ example: 'assign' })
  action: string;
  @ApiProperty({ description: 'After it.' })
  state: string;
  @ApiProperty({ type: String, nullable: true, description: 'The client; null where it happened by itself.' })
  actor: string | null;
  @ApiProperty({ type: String, nullable: true })
  assignee: string | null;
  @ApiProperty({ type: String, nullable: true })
  resolution: string | null;
  @ApiProperty({ type: String, nullable: true })
  note: string | null;
  @ApiProperty({ format: 'date-time' })
  at: string;

  static from({ at, ...entry }: HistoryEntry): HistoryEntryDto {
    return Object.assign(new HistoryEntryDto(), { ...entry, at: at.toISOString() });
  }
}

export class ExceptionWriteOffDto {
  @ApiProperty({ enum: ['pending', 'done'] })
  state: string;
  @ApiProperty({ example: '25.67' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ example: '1150', description: 'Where the difference stands.' })
  account: string;
  @ApiProperty()
  reason: string;
  @ApiProperty({ description: 'The client that asked for it.' })
  requestedBy: string;
  @ApiProperty({ type: [String] })
  approvedBy: readonly string[];
  @ApiProperty({ type: 'integer' })
  approvalsNeeded: number;
}

export class ExceptionCaseDto extends ExceptionDto {
  @ApiPropertyOptional({ type: ExceptionWriteOffDto })
  writeOff?: ExceptionWriteOffDto;
  @ApiProperty({ type: () => [HistoryEntryDto], description: 'Oldest first.' })
  history: HistoryEntryDto[];

  static of({ exception, history, writeOff }: ExceptionCase): ExceptionCaseDto {
    const dto = Object.assign(new ExceptionCaseDto(), membersOf(exception));
    dto.history = history.map((entry) => HistoryEntryDto.from(entry));
    if (writeOff) dto.writeOff = writeOffDto(writeOff);
    return dto;
  }
}

function writeOffDto(writeOff: NonNullable<ExceptionCase['writeOff']>): ExceptionWriteOffDto {
  const { state, amount, role, reason, requestedBy, approvedBy, approvalsNeeded } = writeOff;
  return Object.assign(new ExceptionWriteOffDto(), {
    ...{ state, amount: formatAmount(amount), currency: amount.currency, account: accountOf(role) },
    ...{ reason, requestedBy, approvedBy, approvalsNeeded },
  });
}

const counts = Object.fromEntries(ageBuckets.map((bucket) => [bucket, { type: 'integer' as const }]));

export class AgeingOfTypeDto {
  @ApiProperty()
  type: string;
  @ApiProperty({ type: 'integer' })
  total: number;
  @ApiProperty({ type: 'integer', description: 'Not closed by the time that it should be.' })
  overdue: number;
  @ApiProperty({ type: 'object', properties: counts, additionalProperties: false })
  buckets: Readonly<Record<AgeBucket, number>>;
}

export class AgeingDto {
  @ApiProperty({ format: 'date-time' })
  asOf: string;
  @ApiProperty({ type: () => [AgeingOfTypeDto] })
  items: AgeingOfTypeDto[];

  static from({ asOf, types }: { asOf: Date; types: readonly AgeingOfType[] }): AgeingDto {
    const items = types.map((each) => Object.assign(new AgeingOfTypeDto(), each));
    return Object.assign(new AgeingDto(), { asOf: asOf.toISOString(), items });
  }
}
