import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import type { CollectionOutcome } from '../domain/partner-collection.ts';
import { IsInstant, readInstant } from '../policies/instant.validator.ts';
import type { ReportedAttempt } from './collection.view.ts';

const outcomes = { PAID: 'paid', FAILED: 'failed' } as const satisfies Record<string, CollectionOutcome>;
const statuses = Object.keys(outcomes) as (keyof typeof outcomes)[];
const FAILURES_LENGTH_MAX = 8_192;

/** Kept as it is said, and shown again: so not without end. */
const IsShort = () =>
  ValidateBy({
    name: 'isShort',
    validator: {
      validate: (value: unknown) => JSON.stringify(value).length <= FAILURES_LENGTH_MAX,
      defaultMessage: () => `must have at most ${FAILURES_LENGTH_MAX} characters as JSON`,
    },
  });

export class AttemptDto {
  @ApiProperty({ format: 'uuid' })
  @IsUUID('all')
  id: string;

  @ApiProperty({ format: 'uuid' })
  @IsUUID('all')
  instalment_id: string;

  @ApiPropertyOptional({
    type: 'integer',
    example: 2,
    description: 'Counts from 1, and has to be that of the instalment',
  })
  @IsOptional()
  @IsInt()
  instalment_number?: number;

  @ApiProperty({ format: 'date-time', description: "Later than the tenant's today counts as today" })
  @IsInstant()
  payment_attempted_date: string;

  @ApiProperty({ enum: statuses })
  @IsIn(statuses)
  payment_status: keyof typeof outcomes;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true, description: 'Why it failed' })
  @IsOptional()
  @IsShort()
  @IsObject()
  payment_failures?: object | null;
}

/** `POST /x/partners/{partner_id}/bookings/{quote_package_id}/instalments/`. */
export class ConfirmInstalmentsDto {
  @ApiProperty({ type: () => [AttemptDto] })
  @ValidateNested({ each: true })
  @Type(() => AttemptDto)
  @ArrayMaxSize(50)
  @ArrayNotEmpty()
  @IsArray()
  quotes: AttemptDto[];

  static toReports({ quotes }: ConfirmInstalmentsDto): ReportedAttempt[] {
    return quotes.map((attempt) => ({
      quoteId: attempt.id.toLowerCase(),
      instalmentId: attempt.instalment_id.toLowerCase(),
      instalmentNumber: attempt.instalment_number ?? null,
      outcome: outcomes[attempt.payment_status],
      attemptedAt: readInstant(attempt.payment_attempted_date)!,
      failures: attempt.payment_status === 'FAILED' ? (attempt.payment_failures ?? null) : null,
    }));
  }
}
