import { Param } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsAmountIn } from '@quittance/service-kit/http/amounts';
import { QueryInt } from '@quittance/service-kit/http/page';
import { notFound } from '@quittance/service-kit/http/problem';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  amountBases,
  anchorModes,
  cadenceTypes,
  downPaymentTypes,
  isPlanName,
  offsetUnits,
  remainderPolicies,
  weekdays,
} from '../domain/plan.ts';
import type {
  AmountBasis,
  Anchor,
  Cadence,
  DownPayment,
  OffsetUnit,
  RemainderPolicy,
  Weekday,
} from '../domain/plan.ts';
import { INSTALMENTS_MAX } from '../domain/plan-dates.ts';
import { endorsementPolicies, returnPolicies } from '../domain/recut.ts';
import type { EndorsementPolicy, ReturnPolicy } from '../domain/recut.ts';
import { IsCurrencyCode } from '../policies/policy.validators.ts';
import { writeConfig } from './plan-config.ts';
import type { KnownPlan } from './plan.view.ts';
import {
  absentOr,
  aList,
  IsNewPlanName,
  oneOf,
  percent,
  wholeNumber,
  wholeNumbers,
  WithOnly,
} from './plan.validators.ts';

const DAYS_MAX = 90;
const CURRENCIES_MAX = 50;
const integer = { type: 'integer' } as const;

export class PlanAmountDto {
  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;

  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'number' }], example: '3.00' })
  @IsAmountIn('currency', { positive: true })
  amount: string | number;
}

/** Amounts by currency: a policy in another one cannot have the plan. */
function Amounts(): PropertyDecorator {
  const decorators = [
    ApiPropertyOptional({ type: () => [PlanAmountDto], nullable: true, description: 'One for each currency' }),
    IsOptional(),
    ValidateNested({ each: true }),
    Type(() => PlanAmountDto),
    ArrayUnique((each: unknown) => (each as PlanAmountDto | null)?.currency, { message: 'one amount per currency' }),
    ArrayMaxSize(CURRENCIES_MAX),
    ArrayNotEmpty(),
    IsArray(),
  ];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

function Nested(type: () => new () => object): PropertyDecorator {
  const decorators = [
    ApiPropertyOptional({ type, nullable: true }),
    IsOptional(),
    ValidateNested(),
    Type(type),
    IsObject(),
  ];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

function OptionalInt(min: number, max: number, description?: string): PropertyDecorator {
  const shown = { ...integer, minimum: min, maximum: max, nullable: true, ...(description && { description }) };
  const decorators = [ApiPropertyOptional(shown), IsOptional(), IsInt(), Min(min), Max(max)];
  return (target, key) => decorators.forEach((decorate) => decorate(target, key));
}

export class CadenceDto {
  @ApiProperty({ enum: cadenceTypes })
  @IsIn(cadenceTypes)
  type: Cadence['type'];

  @ApiPropertyOptional({ ...integer, minimum: 1, maximum: 52, description: 'Of every_n_weeks' })
  @WithOnly('type', 'every_n_weeks', wholeNumber(1, 52))
  weeks?: number;

  @ApiPropertyOptional({ enum: offsetUnits, description: 'Of custom' })
  @WithOnly('type', 'custom', oneOf(offsetUnits))
  unit?: OffsetUnit;

  @ApiPropertyOptional({ type: [Number], description: 'Of custom: from the start of the term' })
  @WithOnly('type', 'custom', wholeNumbers([0, 3660], INSTALMENTS_MAX))
  offsets?: number[];
}

export class AnchorDto {
  @ApiProperty({ enum: anchorModes })
  @IsIn(anchorModes)
  mode: Anchor['mode'];

  @ApiPropertyOptional({ ...integer, minimum: 1, maximum: 31, description: 'Of day_of_month' })
  @WithOnly('mode', 'day_of_month', wholeNumber(1, 31))
  day?: number;

  @ApiPropertyOptional({ enum: weekdays, description: 'Of weekday' })
  @WithOnly('mode', 'weekday', oneOf(weekdays))
  weekday?: Weekday;

  @ApiPropertyOptional({ type: [Number], description: 'Of due_day_choice; absent: any day' })
  @WithOnly('mode', 'due_day_choice', absentOr(wholeNumbers([1, 31], 31)))
  days?: number[];
}

export class DownPaymentDto {
  @ApiProperty({ enum: downPaymentTypes })
  @IsIn(downPaymentTypes)
  type: DownPayment['type'];

  @ApiPropertyOptional({ oneOf: [{ type: 'string' }, { type: 'number' }], example: '20' })
  @WithOnly('type', 'percent', percent)
  percent?: string | number;

  @ApiPropertyOptional({ type: () => [PlanAmountDto] })
  @ValidateNested({ each: true })
  @Type(() => PlanAmountDto)
  @WithOnly('type', 'amount', aList)
  amounts?: PlanAmountDto[];

  @ApiPropertyOptional({ ...integer, minimum: 1, maximum: 52 })
  @WithOnly('type', 'periods', wholeNumber(1, 52))
  periods?: number;

  @ApiPropertyOptional({ default: false, description: 'The fees on the first instalment are part of it' })
  @IsOptional()
  @IsBoolean()
  includesFees?: boolean;
}

/** How early it is billed and charged: all that an override of an endorsement or a reinstatement may say otherwise. */
export class PlanLeadsDto {
  @OptionalInt(0, DAYS_MAX, 'From the invoice to the due date')
  generateLeadDays?: number;

  @OptionalInt(0, DAYS_MAX, 'From the charge of a stored method to the due date')
  autopayLeadDays?: number;
}

/** What an override may say otherwise for one type of transaction. */
export class PlanSettingsDto extends PlanLeadsDto {
  @OptionalInt(1, INSTALMENTS_MAX, 'How many instalments, a down payment among them; absent: as the term holds')
  count?: number | null;

  @ApiPropertyOptional({ type: [Number], description: 'Relative sizes; what is missing is 1' })
  @IsOptional()
  @Max(1000, { each: true })
  @Min(1, { each: true })
  @IsInt({ each: true })
  @ArrayMaxSize(INSTALMENTS_MAX)
  @IsArray()
  weights?: number[];

  @Nested(() => DownPaymentDto)
  downPayment?: DownPaymentDto | null;

  @Amounts()
  instalmentFee?: PlanAmountDto[] | null;

  @OptionalInt(0, DAYS_MAX, 'From the due date to the period that it pays for')
  dueLeadDays?: number;

  @OptionalInt(0, 365)
  blackoutDaysBeforeExpiry?: number;
}

export class PlanOverridesDto {
  @Nested(() => PlanSettingsDto)
  issue?: PlanSettingsDto;

  @Nested(() => PlanSettingsDto)
  renewal?: PlanSettingsDto;

  @Nested(() => PlanLeadsDto)
  endorsement?: PlanLeadsDto;

  @Nested(() => PlanLeadsDto)
  reinstatement?: PlanLeadsDto;
}

export class CreatePlanDto extends PlanSettingsDto {
  @ApiProperty({ example: 'two-down-monthly', maxLength: 64 })
  @IsNewPlanName()
  name: string;

  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  label: string;

  @ApiProperty({ type: () => CadenceDto })
  @ValidateNested()
  @Type(() => CadenceDto)
  @IsObject()
  cadence: CadenceDto;

  @ApiPropertyOptional({ enum: amountBases, default: 'total' })
  @IsOptional()
  @IsIn(amountBases)
  amountBasis?: AmountBasis;

  @Nested(() => AnchorDto)
  anchor?: AnchorDto;

  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  prorateStubs?: boolean;

  @ApiPropertyOptional({ enum: remainderPolicies, default: 'spread_first' })
  @IsOptional()
  @IsIn(remainderPolicies)
  remainderPolicy?: RemainderPolicy;

  @Amounts()
  minInstalment?: PlanAmountDto[] | null;

  @Nested(() => PlanOverridesDto)
  overrides?: PlanOverridesDto;

  @ApiPropertyOptional({ enum: endorsementPolicies, default: 'spread' })
  @IsOptional()
  @IsIn(endorsementPolicies)
  endorsementPolicy?: EndorsementPolicy;

  @ApiPropertyOptional({ enum: returnPolicies, default: 'reduce_spread' })
  @IsOptional()
  @IsIn(returnPolicies)
  returnPolicy?: ReturnPolicy;

  @ApiPropertyOptional({ type: [String], example: ['US-NY'], description: 'Absent: everywhere' })
  @IsOptional()
  @Length(1, 64, { each: true })
  @IsString({ each: true })
  @ArrayMaxSize(100)
  @IsArray()
  jurisdictions?: string[];

  @OptionalInt(1, 1200)
  termMonthsMax?: number | null;

  @ApiPropertyOptional({ default: false, description: 'Refuse what would be regulated consumer credit (UK)' })
  @IsOptional()
  @IsBoolean()
  exemptCreditOnly?: boolean;
}

export class PlanDto extends CreatePlanDto {
  @ApiProperty({ ...integer }) version: number;
  @ApiProperty({ format: 'date-time', nullable: true, type: String, description: 'null: built in' })
  createdAt: string | null;

  static from({ plan, createdAt }: KnownPlan): PlanDto {
    const { name, version } = plan;
    return { name, version, ...writeConfig(plan), createdAt: createdAt?.toISOString() ?? null };
  }
}

export class PlanPageDto {
  @ApiProperty({ type: () => [PlanDto] }) items: PlanDto[];
  @ApiProperty({ nullable: true, type: String }) nextCursor: string | null;
}

export class PlanQuery {
  @IsOptional()
  @QueryInt(1, 2 ** 31 - 1)
  version?: number;
}

/** What is no name of a plan cannot exist: 404, like any unknown one. */
export function PathPlanName(): ParameterDecorator {
  const pipe: PipeTransform<string, string> = {
    transform(value) {
      if (!isPlanName(value)) throw notFound('plan', value.slice(0, 64).replace(/[^\x20-\x7e]/g, '?'));
      return value;
    },
  };
  return Param('name', pipe);
}
