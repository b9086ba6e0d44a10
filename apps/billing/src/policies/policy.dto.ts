import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount, parseAmount } from '@quittance/money/money';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { chargeCategories, chargeHandlings, defaultHandling } from '../domain/charge.ts';
import type { Charge, ChargeCategory, ChargeHandling } from '../domain/charge.ts';
import { billingMethods, collections } from '../domain/policy.ts';
import type { BillingMethod, Collection, PolicyTerms } from '../domain/policy.ts';
import { policyStatusesOf } from '../domain/delinquency.ts';
import { policyStatuses, statusesOf, termStateOn, termStates } from '../domain/policy-term.ts';
import type { PolicyStatus, TermState } from '../domain/policy-term.ts';
import type { IssuedPolicy } from './policy.view.ts';
import {
  AddUp,
  IfPresent,
  IsCalendarDate,
  IsChargeAmount,
  IsCurrencyCode,
  IsLaterThan,
  IsPlanName,
  IsTimeZoneName,
  readIn,
} from './policy.validators.ts';

const amountType = { oneOf: [{ type: 'string' }, { type: 'number' }], example: '280.00' };

export class ChargeDto {
  @ApiProperty({ enum: chargeCategories })
  @IsIn(chargeCategories)
  category: ChargeCategory;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  code?: string;

  @ApiProperty(amountType)
  @IsChargeAmount()
  amount: string | number;

  @ApiPropertyOptional({ enum: chargeHandlings, description: 'fully_earned for a fee, else proratable' })
  @IfPresent()
  @IsIn(chargeHandlings)
  handling?: ChargeHandling;
}

/** What `POST /policies` and `POST /schedules/preview` share: all but the plan. */
class PolicyTermsDto {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  policyNumber: string;

  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  policyholderLocator: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;

  @ApiProperty({ example: 'America/New_York' })
  @IsTimeZoneName()
  timeZone: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  jurisdiction?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  line?: string;

  @ApiPropertyOptional({ enum: billingMethods, default: 'direct' })
  @IfPresent()
  @IsIn(billingMethods)
  billingMethod?: BillingMethod;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  producerId?: string;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  financerId?: string;

  @ApiProperty({ format: 'date' })
  @IsCalendarDate()
  effectiveDate: string;

  @ApiProperty({ format: 'date', description: 'The first date that is no longer covered' })
  @IsLaterThan('effectiveDate')
  @IsCalendarDate()
  expirationDate: string;

  @ApiProperty({ enum: collections })
  @IsIn(collections)
  collection: Collection;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  paymentMethodId?: string;

  @ApiPropertyOptional({ type: 'integer', description: 'Day of the month, where the plan leaves the choice' })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(31)
  dueDay?: number;

  @ApiProperty({ type: () => [ChargeDto] })
  @AddUp()
  @ValidateNested({ each: true })
  @Type(() => ChargeDto)
  @Transform(({ value, obj }: { value: unknown; obj: { currency?: unknown } }) => readIn(value, obj.currency))
  @ArrayMaxSize(100)
  @ArrayNotEmpty()
  @IsArray()
  charges: ChargeDto[];
}

export class IssuePolicyDto extends PolicyTermsDto {
  @ApiProperty({ example: '1year-monthly' })
  @IsPlanName()
  plan: string;
}

/** The data of `policy.issued`. */
export class PolicyIssuedDto extends IssuePolicyDto {
  @IsUUID('all')
  policyLocator: string;
}

export class PreviewScheduleDto extends PolicyTermsDto {
  @ApiPropertyOptional({ description: 'Absent: the plans that could be had' })
  @IfPresent()
  @IsPlanName()
  plan?: string;
}

export class ChangePaymentMethodDto {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  paymentMethodId: string;
}

export function termsOf(dto: PolicyTermsDto & { plan: string }): PolicyTerms {
  return {
    policyNumber: dto.policyNumber,
    policyholderLocator: dto.policyholderLocator,
    currency: dto.currency,
    timeZone: dto.timeZone,
    jurisdiction: dto.jurisdiction ?? null,
    line: dto.line ?? null,
    billingMethod: dto.billingMethod ?? 'direct',
    producerId: dto.producerId ?? null,
    financerId: dto.financerId ?? null,
    effectiveDate: dto.effectiveDate,
    expirationDate: dto.expirationDate,
    plan: dto.plan,
    collection: dto.collection,
    paymentMethodId: dto.paymentMethodId ?? null,
    dueDay: dto.dueDay ?? null,
    charges: dto.charges.map((charge) => chargeOf(charge, dto.currency)),
  };
}

function chargeOf({ category, code, amount, handling }: ChargeDto, currency: string): Charge {
  const { minor } = parseAmount(amount, currency);
  return { category, code: code ?? null, amountMinor: minor, handling: handling ?? defaultHandling(category) };
}

export class PolicyChargeDto {
  @ApiProperty({ enum: chargeCategories }) category: ChargeCategory;
  @ApiPropertyOptional() code?: string;
  @ApiProperty({ example: '280.00' }) amount: string;
  @ApiProperty({ enum: chargeHandlings }) handling: ChargeHandling;
}

export class PolicyTermDto {
  @ApiProperty() number: number;
  @ApiProperty({ format: 'date' }) effectiveDate: string;
  @ApiProperty({ format: 'date' }) expirationDate: string;
  @ApiProperty() plan: string;
  @ApiProperty({ enum: termStates }) state: TermState;
  @ApiPropertyOptional({ format: 'date', description: 'The first date that is not covered any more' })
  cancelledOn?: string;
}

export class PolicyDto {
  @ApiProperty({ format: 'uuid' }) locator: string;
  @ApiProperty() policyNumber: string;
  @ApiProperty() policyholderLocator: string;
  @ApiProperty() currency: string;
  @ApiProperty() timeZone: string;
  @ApiPropertyOptional() jurisdiction?: string;
  @ApiPropertyOptional() line?: string;
  @ApiProperty({ enum: billingMethods }) billingMethod: BillingMethod;
  @ApiPropertyOptional() producerId?: string;
  @ApiPropertyOptional() financerId?: string;
  @ApiPropertyOptional() mortgageeId?: string;
  @ApiProperty({ format: 'date' }) effectiveDate: string;
  @ApiProperty({ format: 'date' }) expirationDate: string;
  @ApiProperty() plan: string;
  @ApiProperty({ enum: collections }) collection: Collection;
  @ApiPropertyOptional() paymentMethodId?: string;
  @ApiPropertyOptional({ type: 'integer' }) dueDay?: number;
  @ApiProperty({
    enum: policyStatuses,
    isArray: true,
    description: 'Derived from its terms, what is past due, and the date',
  })
  statuses: PolicyStatus[];
  @ApiProperty({ type: () => [PolicyTermDto] }) terms: PolicyTermDto[];
  @ApiProperty({ description: 'One more with every transaction' }) version: number;
  @ApiProperty({ type: () => [PolicyChargeDto] }) charges: PolicyChargeDto[];
  @ApiProperty({ format: 'uuid', nullable: true, type: String }) scheduleId: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from({ policy, charges, scheduleId, terms, delinquencies = [], today }: IssuedPolicy): PolicyDto {
    const { currency } = policy;
    return {
      locator: policy.locator,
      policyNumber: policy.policyNumber,
      policyholderLocator: policy.policyholderLocator,
      currency,
      timeZone: policy.timeZone,
      ...given('jurisdiction', policy.jurisdiction),
      ...given('line', policy.line),
      billingMethod: policy.billingMethod,
      ...given('producerId', policy.producerId),
      ...given('financerId', policy.financerId),
      ...given('mortgageeId', policy.mortgageeId ?? null),
      effectiveDate: policy.effectiveDate,
      expirationDate: policy.expirationDate,
      plan: policy.plan,
      collection: policy.collection,
      ...given('paymentMethodId', policy.paymentMethodId),
      ...(typeof policy.dueDay === 'number' && { dueDay: policy.dueDay }),
      statuses: [...new Set([...statusesOf(terms, today), ...delinquencies.flatMap(policyStatusesOf)])],
      terms: terms.map((term) => {
        const { number, effectiveDate, expirationDate, plan, cancelledOn } = term;
        const state = termStateOn(term, today);
        return { number, effectiveDate, expirationDate, plan, state, ...given('cancelledOn', cancelledOn) };
      }),
      version: policy.version,
      charges: charges.map(({ category, code, amountMinor, handling }) => ({
        category,
        ...given('code', code),
        amount: formatAmount({ minor: amountMinor, currency }),
        handling,
      })),
      scheduleId,
      createdAt: policy.createdAt.toISOString(),
    };
  }
}

function given<K extends string>(name: K, value: string | null): { [P in K]?: string } {
  return value === null ? {} : ({ [name]: value } as { [P in K]: string });
}
