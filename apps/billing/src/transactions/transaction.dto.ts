import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { planChangeScopes } from '../domain/change-plan.ts';
import type { PlanChangeScope } from '../domain/change-plan.ts';
import { chargeCategories, chargeHandlings } from '../domain/charge.ts';
import type { ChargeCategory, ChargeHandling } from '../domain/charge.ts';
import { cancellationMethods } from '../domain/return-premium.ts';
import type { CancellationMethod } from '../domain/return-premium.ts';
import { cancellationReasons, transactionTypes } from '../domain/transaction.ts';
import type { CancellationReason, TransactionType } from '../domain/transaction.ts';
import { IfPresent, IsCalendarDate, IsLaterThan } from '../policies/policy.validators.ts';
import { IsRate, IsSignedAmount, OneOf } from './transaction.validators.ts';
import type { AppliedTransaction } from './applied-transaction.view.ts';

const requestTypes = [
  'endorsement',
  'cancellation',
  'reinstatement',
  'renewal',
  'nonrenewal',
  'expiration',
  'invalidation',
] as const;
type RequestType = (typeof requestTypes)[number];

/** A field of some types: required there, refused elsewhere, where a client would be misled by its silence. */
const Of = (...types: RequestType[]) =>
  ValidateIf((body: PolicyTransactionDto, value: unknown) => types.includes(body.type) || value !== undefined);
const MayBeOf = (...types: RequestType[]) => OneOf('type', types);

export class SignedChargeDto {
  @ApiProperty({ enum: chargeCategories })
  @IsIn(chargeCategories)
  category: ChargeCategory;

  @ApiPropertyOptional({ maxLength: 64 })
  @IfPresent()
  @IsString()
  @Length(1, 64)
  code?: string;

  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'number' }], example: '-90.00' })
  @IsSignedAmount()
  amount: string | number;

  @ApiPropertyOptional({ enum: chargeHandlings, description: 'fully_earned for a fee, else proratable' })
  @IfPresent()
  @IsIn(chargeHandlings)
  handling?: ChargeHandling;
}

/** `POST /policies/{locator}/transactions`: what is allowed beside `type` follows from it. */
export class PolicyTransactionDto {
  @ApiProperty({ enum: requestTypes })
  @IsIn(requestTypes)
  type: RequestType;

  @ApiPropertyOptional({ format: 'date', description: 'All but an invalidation need it' })
  @MayBeOf('endorsement', 'cancellation', 'reinstatement', 'renewal', 'nonrenewal', 'expiration')
  @IsCalendarDate()
  @Of('endorsement', 'cancellation', 'reinstatement', 'renewal', 'nonrenewal', 'expiration')
  effectiveDate?: string;

  @ApiPropertyOptional({ format: 'date', description: 'With the effective date, of a nonrenewal: the term that ends' })
  @MayBeOf('renewal', 'nonrenewal', 'expiration')
  @IsLaterThan('effectiveDate')
  @IsCalendarDate()
  @Of('renewal', 'nonrenewal', 'expiration')
  expirationDate?: string;

  @ApiPropertyOptional({
    type: () => [SignedChargeDto],
    description: 'Endorsement: signed, for the rest of the term. Cancellation: what is given back, to be checked',
  })
  @MayBeOf('endorsement', 'cancellation', 'renewal')
  @ValidateNested({ each: true })
  @Type(() => SignedChargeDto)
  @ArrayMaxSize(100)
  @ArrayNotEmpty()
  @IsArray()
  @ValidateIf(
    ({ type, annualised }: PolicyTransactionDto, value: unknown) =>
      type === 'renewal' || (type === 'endorsement' && annualised === undefined) || value !== undefined,
  )
  charges?: SignedChargeDto[];

  @ApiPropertyOptional({
    type: () => [SignedChargeDto],
    description: 'Signed changes of annual amounts, pro-rated here',
  })
  @MayBeOf('endorsement')
  @ValidateNested({ each: true })
  @Type(() => SignedChargeDto)
  @ArrayMaxSize(100)
  @ArrayNotEmpty()
  @IsArray()
  @IfPresent()
  annualised?: SignedChargeDto[];

  @ApiPropertyOptional({ enum: cancellationReasons })
  @MayBeOf('cancellation')
  @IsIn(cancellationReasons)
  @Of('cancellation')
  reason?: CancellationReason;

  @ApiPropertyOptional({ enum: cancellationMethods })
  @MayBeOf('cancellation')
  @IsIn(cancellationMethods)
  @Of('cancellation')
  method?: CancellationMethod;

  @ApiPropertyOptional({ oneOf: [{ type: 'string' }, { type: 'number' }], example: '0.25' })
  @MayBeOf('cancellation')
  @IsRate()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'number' ? String(value) : value))
  @IfPresent()
  minimumEarnedRate?: string;

  @ApiPropertyOptional({ description: 'Whether there was no cover between' })
  @MayBeOf('reinstatement')
  @IsBoolean()
  @Of('reinstatement')
  lapse?: boolean;

  @ApiPropertyOptional({ description: 'The plan of the term before, where nobody says', maxLength: 64 })
  @MayBeOf('renewal')
  @Length(1, 64)
  @IsString()
  @IfPresent()
  plan?: string;

  @ApiPropertyOptional({ default: true, description: 'Whether unapplied money pays the new term' })
  @MayBeOf('renewal')
  @IsBoolean()
  @IfPresent()
  carryForward?: boolean;

  @ApiPropertyOptional({ format: 'uuid', description: 'Invalidation: the transaction that did not take place' })
  @MayBeOf('invalidation')
  @IsUUID('all')
  @Of('invalidation')
  transactionId?: string;

  @ApiPropertyOptional({ description: 'The version of the policy that you know; another one is 409' })
  @IsPositive()
  @IsInt()
  @IfPresent()
  policyVersion?: number;
}

export class ChangePlanDto {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  plan: string;

  @ApiPropertyOptional({ enum: planChangeScopes, default: 'planned' })
  @IfPresent()
  @IsIn(planChangeScopes)
  scope?: PlanChangeScope;

  @ApiPropertyOptional()
  @IsPositive()
  @IsInt()
  @IfPresent()
  policyVersion?: number;
}

export class PolicyTransactionsQuery extends CursorQuery {}

export class TransactionChargeDto {
  @ApiProperty({ enum: chargeCategories }) category: ChargeCategory;
  @ApiPropertyOptional() code?: string;
  @ApiProperty({ example: '151.23' }) amount: string;
  @ApiProperty({ enum: chargeHandlings }) handling: ChargeHandling;
  @ApiProperty({ format: 'date' }) coverageStart: string;
  @ApiProperty({ format: 'date' }) coverageEnd: string;
}

export class AppliedTransactionDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) policyLocator: string;
  @ApiProperty({ enum: transactionTypes }) type: TransactionType;
  @ApiProperty({ enum: ['pending', 'applied', 'invalidated'] }) state: string;
  @ApiProperty({ format: 'date' }) effectiveDate: string;
  @ApiProperty() termNumber: number;
  @ApiProperty() currency: string;
  @ApiProperty({ type: () => [TransactionChargeDto] }) charges: TransactionChargeDto[];
  @ApiProperty({ format: 'uuid' }) scheduleId: string;
  @ApiProperty({ description: 'Of the policy as it is now' }) policyVersion: number;
  @ApiPropertyOptional({ format: 'uuid' }) invalidates?: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from({
    transaction,
    charges,
    scheduleId,
    currency,
    policyVersion,
  }: AppliedTransaction): AppliedTransactionDto {
    const { id, policyLocator, type, state, effectiveDate, termNumber, invalidates, createdAt } = transaction;
    return {
      ...{ id, policyLocator, type, state, effectiveDate, termNumber, currency, scheduleId, policyVersion },
      charges: charges.map(({ category, code, amountMinor, handling, coverageStart, coverageEnd }) => ({
        category,
        ...(code === null ? {} : { code }),
        amount: formatAmount({ minor: amountMinor, currency }),
        ...{ handling, coverageStart, coverageEnd },
      })),
      ...(invalidates === null ? {} : { invalidates }),
      createdAt: createdAt.toISOString(),
    };
  }
}

export class TransactionPageDto {
  @ApiProperty({ type: () => [AppliedTransactionDto] }) items: AppliedTransactionDto[];
  @ApiProperty({ nullable: true, type: String }) nextCursor: string | null;
}
