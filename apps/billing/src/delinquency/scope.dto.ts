import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import type { Scope } from '../domain/delinquency-rule.ts';
import { IfPresent, IsCalendarDate, IsLaterThan } from '../policies/policy.validators.ts';

/** To whom a dated row applies: what it leaves out, it applies to all of. */
export class ScopeDto {
  @ApiPropertyOptional({ maxLength: 64, example: 'US-NY' })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  jurisdiction?: string;

  @ApiPropertyOptional({ maxLength: 64, example: 'motor' })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  line?: string;

  @ApiProperty({ format: 'date' })
  @IsCalendarDate()
  effectiveFrom: string;

  @ApiPropertyOptional({ format: 'date', description: 'The first date on which it is in force no more' })
  @IfPresent()
  @IsCalendarDate()
  @IsLaterThan('effectiveFrom')
  effectiveTo?: string;
}

export function scopeOf({ jurisdiction, line, effectiveFrom, effectiveTo }: ScopeDto): Scope {
  return { jurisdiction: jurisdiction ?? null, line: line ?? null, effectiveFrom, effectiveTo: effectiveTo ?? null };
}

export function shownScope({ jurisdiction, line, effectiveFrom, effectiveTo }: Scope): ScopeDto {
  return {
    ...(jurisdiction === null ? {} : { jurisdiction }),
    ...(line === null ? {} : { line }),
    effectiveFrom,
    ...(effectiveTo === null ? {} : { effectiveTo }),
  };
}
