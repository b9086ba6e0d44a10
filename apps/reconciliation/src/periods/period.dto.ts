import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import type { MonthState, PeriodState } from '../domain/period.ts';

export class ClosePeriodDto {
  @ApiPropertyOptional({ description: 'True: entries that a person books as adjusting may still go into it.' })
  @IsOptional()
  @IsBoolean()
  soft?: boolean;
}

export class PeriodDto {
  @ApiProperty({ example: '2026-01' })
  month: string;
  @ApiProperty({ enum: ['open', 'soft_closed', 'closed'] })
  state: PeriodState;
  @ApiPropertyOptional({ format: 'date-time', description: 'Absent where a later month was closed, and this with it.' })
  closedAt?: string;
  @ApiPropertyOptional()
  closedBy?: string;
  @ApiPropertyOptional({ description: 'Entries up to the close; a few seconds after it.' })
  closingSize?: number;
  @ApiPropertyOptional({
    description: 'Head of the tree of these entries, hexadecimal; a few seconds after the close.',
  })
  closingHash?: string;

  static from({ month, state, period }: MonthState): PeriodDto {
    if (!period) return { month, state };
    const { closedAt, closedBy, closingSize, closingHash } = period;
    return {
      ...{ month, state, closedBy },
      closedAt: closedAt.toISOString(),
      ...(closingHash && closingSize !== null
        ? { closingSize, closingHash: Buffer.from(closingHash).toString('hex') }
        : {}),
    };
  }
}

export class PeriodsDto {
  @ApiProperty({ type: [PeriodDto] })
  items: PeriodDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}
