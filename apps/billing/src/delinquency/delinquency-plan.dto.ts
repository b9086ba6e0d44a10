import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { amountOf, IsAmountIn } from '@quittance/service-kit/http/amounts';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { agencyRules, delinquencyLevels, faultsOf, notTakenRules } from '../domain/delinquency-plan.ts';
import type { AgencyRule, DelinquencyLevel, DelinquencyPlan, NotTakenRule } from '../domain/delinquency-plan.ts';
import { IfPresent, IsCurrencyCode } from '../policies/policy.validators.ts';
import { ScopeDto, scopeOf, shownScope } from './scope.dto.ts';

/** What a tenant does about what is past due; what is not said is as shown by the default. */
export class CreateDelinquencyPlanDto extends ScopeDto {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  name: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;

  @ApiPropertyOptional({ enum: delinquencyLevels, default: 'policy' })
  @IsIn(delinquencyLevels)
  level: DelinquencyLevel = 'policy';

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 365, default: 10 })
  @IsInt()
  @Min(0)
  @Max(365)
  graceDays: number = 10;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 12, description: 'Whole months in place of days' })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(12)
  graceMonths?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 12, description: 'Cover ends after so many of them' })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(12)
  coveredMonths?: number;

  @ApiPropertyOptional({ type: [Number], default: [], description: 'Days after the due date' })
  @IsArray()
  @ArrayMaxSize(12)
  @IsInt({ each: true })
  @Max(365, { each: true })
  reminderDays: number[] = [];

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 365, default: 8 })
  @IsInt()
  @Min(1)
  @Max(365)
  noticeAfterDays: number = 8;

  @ApiPropertyOptional({ type: [Number], default: [1, 3, 5, 7], description: 'Days after the first attempt' })
  @IsArray()
  @ArrayMaxSize(12)
  @IsInt({ each: true })
  @Max(365, { each: true })
  retryDays: number[] = [1, 3, 5, 7];

  @ApiPropertyOptional({ oneOf: [{ type: 'string' }, { type: 'number' }], default: '0', description: 'Inclusive' })
  @IsAmountIn('currency')
  tolerance: string | number = 0;

  @ApiPropertyOptional({ enum: notTakenRules, default: 'flat_cancel' })
  @IsIn(notTakenRules)
  notTaken: NotTakenRule = 'flat_cancel';

  @ApiPropertyOptional({ enum: agencyRules, default: 'refer' })
  @IsIn(agencyRules)
  agency: AgencyRule = 'refer';

  @ApiPropertyOptional({ default: false, description: 'Another invoice past due makes a new notice necessary' })
  @IsBoolean()
  renoticesOnJoin: boolean = false;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 365, default: 30 })
  @IsInt()
  @Min(0)
  @Max(365)
  reinstatementDays: number = 30;

  /** @throws Problem 400 that names every field which does not fit another */
  static toPlan(dto: CreateDelinquencyPlanDto): Omit<DelinquencyPlan, 'id'> {
    const { jurisdiction: _j, line: _l, effectiveTo: _t, tolerance, graceMonths, coveredMonths, ...rest } = dto;
    const { minor: toleranceMinor } = amountOf(tolerance, dto.currency, '/tolerance');
    const months = { graceMonths: graceMonths ?? null, coveredMonths: coveredMonths ?? null };
    const plan = { ...rest, ...scopeOf(dto), ...months, toleranceMinor };
    const faults = faultsOf(plan);
    if (faults.length > 0) throw invalidRequest(faults);
    return plan;
  }
}

export class DelinquencyPlanDto extends CreateDelinquencyPlanDto {
  @ApiProperty({ format: 'uuid' }) id: string;

  static from(plan: DelinquencyPlan): DelinquencyPlanDto {
    const { id, name, currency, level, graceDays, graceMonths, coveredMonths, reminderDays, retryDays } = plan;
    const { noticeAfterDays, toleranceMinor, notTaken, agency, renoticesOnJoin, reinstatementDays } = plan;
    return {
      ...{ id, name, currency, ...shownScope(plan), level, graceDays },
      ...(graceMonths === null ? {} : { graceMonths }),
      ...(coveredMonths === null ? {} : { coveredMonths }),
      ...{ reminderDays: [...reminderDays], noticeAfterDays, retryDays: [...retryDays] },
      tolerance: formatAmount({ minor: toleranceMinor, currency }),
      ...{ notTaken, agency, renoticesOnJoin, reinstatementDays },
    };
  }
}

export class DelinquencyPlanPageDto {
  @ApiProperty({ type: () => [DelinquencyPlanDto] }) items: DelinquencyPlanDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
