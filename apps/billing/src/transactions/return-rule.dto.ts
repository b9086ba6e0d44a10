import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ScopeDto, scopeOf, shownScope } from '../delinquency/scope.dto.ts';
import { formatRate } from '../domain/rate.ts';
import { cancellationMethods } from '../domain/return-premium.ts';
import type { CancellationMethod } from '../domain/return-premium.ts';
import { refundCounts } from '../domain/return-rule.ts';
import type { RefundCount, ReturnRule } from '../domain/return-rule.ts';
import { cancellationReasons } from '../domain/transaction.ts';
import type { CancellationReason } from '../domain/transaction.ts';
import { IfPresent } from '../policies/policy.validators.ts';
import { IsRate, rateOf } from '../policies/rate.validator.ts';

const rate = { oneOf: [{ type: 'string' }, { type: 'number' }] };
const DAYS_MAX = 36_500;

export class ShortRateRowDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Days in force: it holds until the next row' })
  @IsInt()
  @Min(1)
  @Max(DAYS_MAX)
  fromDay: number;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100 })
  @IsInt()
  @Min(0)
  @Max(100)
  percentKept: number;
}

export class ShortRateTableDto {
  @ApiProperty({ maxLength: 200, description: 'Where it was filed' })
  @IsString()
  @Length(1, 200)
  source: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'Of the term that its rows are for' })
  @IsInt()
  @Min(1)
  @Max(DAYS_MAX)
  termDays: number;

  @ApiProperty({ type: () => [ShortRateRowDto], description: 'By ascending days' })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(400)
  @ValidateNested({ each: true })
  @Type(() => ShortRateRowDto)
  rows: ShortRateRowDto[];
}

/** How premium is given back at a cancellation, and until when, with the name of who has read the law. */
export class CreateReturnRuleDto extends ScopeDto {
  @ApiPropertyOptional({ enum: cancellationReasons, description: 'Absent: every reason' })
  @IfPresent()
  @IsIn(cancellationReasons)
  reason?: CancellationReason;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0, description: 'Days since the policy began' })
  @IsInt()
  @Min(0)
  @Max(DAYS_MAX)
  tenureFromDays: number = 0;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Inclusive: the days of a cooling-off' })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(DAYS_MAX)
  tenureToDays?: number;

  @ApiPropertyOptional({ enum: cancellationMethods, isArray: true, default: [], description: 'None: all of them' })
  @IsArray()
  @IsIn(cancellationMethods, { each: true })
  methods: CancellationMethod[] = [];

  @ApiProperty({ type: 'integer', minimum: 0, maximum: 365, description: 'Calendar days, which do not roll' })
  @IsInt()
  @Min(0)
  @Max(365)
  dueDays: number;

  @ApiProperty({ enum: refundCounts, description: 'From which date: the request is the day on which we are told' })
  @IsIn(refundCounts)
  countFrom: RefundCount;

  @ApiPropertyOptional({ ...rate, example: '0.9', default: '0', description: 'Part of the unearned premium' })
  @IsRate()
  returnedAtLeast: string | number = '0';

  @ApiPropertyOptional({ ...rate, example: '0.08', description: 'Part of the unearned premium, owed beside it' })
  @IfPresent()
  @IsRate()
  latePart?: string | number;

  @ApiPropertyOptional({ default: true, description: 'Whether a flat cancellation gives fully earned fees back' })
  @IsBoolean()
  returnsFeesOnFlat: boolean = true;

  @ApiPropertyOptional({ type: () => ShortRateTableDto, description: 'Absent: the one that is shipped as an example' })
  @IfPresent()
  @IsObject()
  @ValidateNested()
  @Type(() => ShortRateTableDto)
  shortRateTable?: ShortRateTableDto;

  @ApiProperty({ maxLength: 200, description: 'Where the law says so' })
  @IsString()
  @Length(1, 200)
  citation: string;

  @ApiProperty({ maxLength: 200, description: 'Who has read the law' })
  @IsString()
  @Length(1, 200)
  reviewedBy: string;

  /** @throws Problem 400 that names every field which does not fit another */
  static toRule(dto: CreateReturnRuleDto): Omit<ReturnRule, 'id'> {
    const { reason, tenureFromDays, tenureToDays, methods, dueDays, countFrom, latePart, shortRateTable: table } = dto;
    const faults = (table?.rows ?? []).flatMap(({ fromDay }, index, rows) =>
      index > 0 && fromDay <= rows[index - 1]!.fromDay
        ? [{ pointer: `/shortRateTable/rows/${index}/fromDay`, detail: 'must be more than that of the row before' }]
        : [],
    );
    if (tenureToDays !== undefined && tenureToDays < tenureFromDays) {
      faults.push({ pointer: '/tenureToDays', detail: 'must not be less than tenureFromDays' });
    }
    if (faults.length > 0) throw invalidRequest(faults);
    const rows = table?.rows.map(({ fromDay, percentKept }) => [fromDay, percentKept] as const) ?? [];
    return {
      ...{ ...scopeOf(dto), reason: reason ?? null, tenureFromDays, tenureToDays: tenureToDays ?? null },
      ...{ methods, dueDays, countFrom, returnedAtLeast: rateOf(dto.returnedAtLeast) },
      ...{ latePart: latePart === undefined ? null : rateOf(latePart), returnsFeesOnFlat: dto.returnsFeesOnFlat },
      shortRateTable: table ? { source: table.source, termDays: table.termDays, rows } : null,
      ...{ citation: dto.citation, reviewedBy: dto.reviewedBy },
    };
  }
}

export class ReturnRuleDto extends CreateReturnRuleDto {
  @ApiProperty({ format: 'uuid' }) id: string;

  static from(rule: ReturnRule): ReturnRuleDto {
    const { id, reason, tenureFromDays, tenureToDays, dueDays, countFrom, latePart, shortRateTable: table } = rule;
    const { returnsFeesOnFlat, citation, reviewedBy } = rule;
    const rows = table?.rows.map(([fromDay, percentKept]) => ({ fromDay, percentKept })) ?? [];
    return {
      ...{ id, ...shownScope(rule), ...(reason === null ? {} : { reason }), tenureFromDays },
      ...(tenureToDays === null ? {} : { tenureToDays }),
      ...{ methods: [...rule.methods], dueDays, countFrom, returnedAtLeast: formatRate(rule.returnedAtLeast) },
      ...(latePart === null ? {} : { latePart: formatRate(latePart) }),
      returnsFeesOnFlat,
      ...(table ? { shortRateTable: { source: table.source, termDays: table.termDays, rows } } : {}),
      ...{ citation, reviewedBy },
    };
  }
}

export class ReturnRulePageDto {
  @ApiProperty({ type: () => [ReturnRuleDto] }) items: ReturnRuleDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
