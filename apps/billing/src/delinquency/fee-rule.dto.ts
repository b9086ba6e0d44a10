import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { amountOf, IsAmountIn } from '@quittance/service-kit/http/amounts';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { feeTypes } from '../domain/fee.ts';
import type { FeeRule, FeeType } from '../domain/fee.ts';
import { IfPresent, IsCurrencyCode } from '../policies/policy.validators.ts';
import { ScopeDto, scopeOf, shownScope } from './scope.dto.ts';

const amountType = { oneOf: [{ type: 'string' }, { type: 'number' }], example: '25.00' };

/** A fixed amount, a part of what is late or came back, or both, and never more than the cap. */
export class CreateFeeRuleDto extends ScopeDto {
  @ApiProperty({ enum: feeTypes })
  @IsIn(feeTypes)
  type: FeeType;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;

  @ApiPropertyOptional({ ...amountType, default: '0' })
  @IsAmountIn('currency')
  amount: string | number = 0;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 10_000, default: 0, description: 'Hundredths of 1 %' })
  @IsInt()
  @Min(0)
  @Max(10_000)
  basisPoints: number = 0;

  @ApiPropertyOptional(amountType)
  @IfPresent()
  @IsAmountIn('currency')
  cap?: string | number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 365, default: 0, description: 'Of a late fee' })
  @IsInt()
  @Min(0)
  @Max(365)
  afterDays: number = 0;

  @ApiPropertyOptional({ maxLength: 200 })
  @IfPresent()
  @IsString()
  @Length(1, 200)
  citation?: string;

  static toRule(dto: CreateFeeRuleDto): Omit<FeeRule, 'id'> {
    const { type, currency, amount, basisPoints, cap, afterDays, citation } = dto;
    return {
      ...{ type, currency, ...scopeOf(dto), basisPoints, afterDays, citation: citation ?? null },
      amountMinor: amountOf(amount, currency, '/amount').minor,
      capMinor: cap === undefined ? null : amountOf(cap, currency, '/cap').minor,
    };
  }
}

export class FeeRuleDto extends CreateFeeRuleDto {
  @ApiProperty({ format: 'uuid' }) id: string;

  static from(rule: FeeRule): FeeRuleDto {
    const { id, type, currency, amountMinor, basisPoints, capMinor, afterDays, citation } = rule;
    return {
      ...{ id, type, currency, ...shownScope(rule), amount: formatAmount({ minor: amountMinor, currency }) },
      ...{ basisPoints, ...(capMinor === null ? {} : { cap: formatAmount({ minor: capMinor, currency }) }), afterDays },
      ...(citation === null ? {} : { citation }),
    };
  }
}

export class FeeRulePageDto {
  @ApiProperty({ type: () => [FeeRuleDto] }) items: FeeRuleDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
