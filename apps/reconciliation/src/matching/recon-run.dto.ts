import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import type { ReconSet } from '../domain/item.ts';
import { matchPasses, reconSets } from '../domain/match-rules.ts';
import type { MatchPass, MatchRule } from '../domain/match-rules.ts';
import type { ReconRun, RuleSet, RunCounts } from './recon-run.ts';

const DAYS_MAX = 366;
const days = { type: 'integer', minimum: 0, maximum: DAYS_MAX } as const;

export class MatchRuleDto {
  @ApiProperty({ enum: matchPasses, description: 'How two sides are found at each other.' })
  @IsIn(matchPasses)
  pass: MatchPass;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Confirmed by itself; else it is suggested.' })
  @IsOptional()
  @IsBoolean()
  auto?: boolean;

  @ApiPropertyOptional({ ...days, description: 'By how many days side B may be earlier.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(DAYS_MAX)
  daysBefore?: number;

  @ApiPropertyOptional({ ...days, description: 'By how many days it may be later.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(DAYS_MAX)
  daysAfter?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'Of `amount_date`: up to this it may be auto, in minor units.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  autoLimitMinor?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'Of `tolerance`: the most that sides differ, in minor units.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  toleranceMinor?: number;

  static toRule(dto: MatchRuleDto): MatchRule {
    const { pass, auto = false, daysBefore = null, daysAfter = null, autoLimitMinor = 0, toleranceMinor = 0 } = dto;
    return { pass, auto, daysBefore, daysAfter, autoLimitMinor, toleranceMinor };
  }
}

export class RulesDto {
  @ApiProperty({ type: [MatchRuleDto], maxItems: matchPasses.length, description: 'In this order.' })
  @IsArray()
  @ArrayMaxSize(matchPasses.length)
  @ValidateNested({ each: true })
  @Type(() => MatchRuleDto)
  rules: MatchRuleDto[];
}

export class ReconSetDto {
  @ApiProperty({ enum: reconSets })
  set: ReconSet;
  @ApiProperty({ type: 'integer', description: '0: those of the product.' })
  version: number;
  @ApiProperty({ type: [MatchRuleDto] })
  rules: MatchRuleDto[];

  static from(set: ReconSet, { version, rules }: RuleSet): ReconSetDto {
    const shown = rules.map(({ daysBefore, daysAfter, ...rule }) => ({
      ...rule,
      ...(daysBefore === null ? {} : { daysBefore }),
      ...(daysAfter === null ? {} : { daysAfter }),
    }));
    return Object.assign(new ReconSetDto(), { set, version, rules: shown });
  }
}

export class ReconSetsDto {
  @ApiProperty({ type: [ReconSetDto] })
  items: ReconSetDto[];
}

export class CreateRunDto {
  @ApiProperty({ enum: reconSets })
  @IsIn(reconSets, { message: `must be one of ${reconSets.join(', ')}` })
  set: ReconSet;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Count what would be matched, and match nothing.',
  })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}

export class ReconRunDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: reconSets })
  set: ReconSet;
  @ApiProperty({ enum: ['full', 'news'], description: 'Everything that is open, or what came in since.' })
  kind: 'full' | 'news';
  @ApiProperty()
  dryRun: boolean;
  @ApiProperty({ enum: ['queued', 'done'] })
  state: 'queued' | 'done';
  @ApiProperty({ type: 'integer', nullable: true })
  rulesVersion: number | null;
  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, description: 'By pass, once it is done.' })
  counts: RunCounts | null;
  @ApiProperty({ type: String, nullable: true })
  requestedBy: string | null;
  @ApiProperty({ format: 'date-time' })
  requestedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;

  static from({ id, set, kind, isDry, state, rulesVersion, counts, requestedBy, ...run }: ReconRun): ReconRunDto {
    const { requestedAt, finishedAt } = run;
    const members = { id, set, kind, dryRun: isDry, state, rulesVersion, counts, requestedBy };
    const times = { requestedAt: requestedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
    return Object.assign(new ReconRunDto(), { ...members, ...times });
  }
}

export class ReconRunPageDto {
  @ApiProperty({ type: [ReconRunDto] })
  items: ReconRunDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
