import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { commissionBases, commissionEarnings, commissionEntryStates } from '../domain/commission.ts';
import type {
  AgreementTerms,
  CommissionAgreement,
  CommissionBasis,
  CommissionEarning,
  CommissionEntryState,
} from '../domain/commission.ts';
import type { CommissionEntry, CommissionPayout } from '../domain/producer-account.ts';
import { formatRate } from '../domain/rate.ts';
import { IsCalendarDate, IsCurrencyCode } from '../policies/policy.validators.ts';
import { IsRate, rateOf } from '../policies/rate.validator.ts';

export class CreateCommissionAgreementDto {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  producerId: string;

  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'number' }], example: '0.15', description: '0.15 is 15 %' })
  @IsRate()
  rate: string | number;

  @ApiPropertyOptional({ enum: commissionBases, default: 'premium' })
  @IsOptional()
  @IsIn(commissionBases)
  basis?: CommissionBasis;

  @ApiProperty({ enum: commissionEarnings, description: 'When it is earned: once premium is charged, billed or paid' })
  @IsIn(commissionEarnings)
  earn: CommissionEarning;

  @ApiProperty({ format: 'date', description: 'For terms that are issued from now on and start then or later' })
  @IsCalendarDate()
  effectiveFrom: string;

  static toTerms(dto: CreateCommissionAgreementDto): AgreementTerms {
    const { producerId, rate, basis = 'premium', earn, effectiveFrom } = dto;
    return { producerId, rate: rateOf(rate), basis, earn, effectiveFrom };
  }
}

export class ProducerQuery extends CursorQuery {
  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  producerId?: string;
}

export class CommissionAgreementDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() producerId: string;
  @ApiProperty({ example: '0.15' }) rate: string;
  @ApiProperty({ enum: commissionBases }) basis: CommissionBasis;
  @ApiProperty({ enum: commissionEarnings }) earn: CommissionEarning;
  @ApiProperty({ format: 'date' }) effectiveFrom: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from(agreement: CommissionAgreement): CommissionAgreementDto {
    const { id, producerId, rate, basis, earn, effectiveFrom, createdAt } = agreement;
    return {
      ...{ id, producerId, rate: formatRate(rate), basis, earn, effectiveFrom },
      createdAt: createdAt.toISOString(),
    };
  }
}

export class CommissionAgreementPageDto {
  @ApiProperty({ type: () => [CommissionAgreementDto] }) items: CommissionAgreementDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class CommissionEntriesQuery extends ProducerQuery {
  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyLocator?: string;

  @ApiPropertyOptional({ enum: commissionEntryStates })
  @IsOptional()
  @IsIn(commissionEntryStates)
  state?: CommissionEntryState;
}

export class CommissionEntryDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid', description: 'Of one term of a policy' }) commissionId: string;
  @ApiProperty({ description: 'Counts the entries of the commission' }) number: number;
  @ApiProperty() producerId: string;
  @ApiProperty({ format: 'uuid' }) policyLocator: string;
  @ApiProperty({ enum: commissionEntryStates }) state: CommissionEntryState;
  @ApiProperty({ example: '3.50', description: 'Negative where something is taken back' }) amount: string;
  @ApiProperty() currency: string;
  @ApiProperty({ format: 'date' }) bookedOn: string;
  @ApiPropertyOptional({ format: 'uuid' }) payoutId?: string;

  static from(entry: CommissionEntry): CommissionEntryDto {
    const { id, commissionId, number, producerId, policyLocator, state, amountMinor, currency, bookedOn } = entry;
    return {
      ...{ id, commissionId, number, producerId, policyLocator, state },
      ...{ amount: formatAmount({ minor: amountMinor, currency }), currency, bookedOn },
      ...(entry.payoutId === null ? {} : { payoutId: entry.payoutId }),
    };
  }
}

export class CommissionEntryPageDto {
  @ApiProperty({ type: () => [CommissionEntryDto] }) items: CommissionEntryDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class CreateCommissionPayoutDto {
  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  producerId: string;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;
}

export class CommissionPayoutDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() producerId: string;
  @ApiProperty({ example: '42.00' }) amount: string;
  @ApiProperty() currency: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from({ id, producerId, amountMinor, currency, createdAt }: CommissionPayout): CommissionPayoutDto {
    const amount = formatAmount({ minor: amountMinor, currency });
    return { id, producerId, amount, currency, createdAt: createdAt.toISOString() };
  }
}

export class CommissionPayoutPageDto {
  @ApiProperty({ type: () => [CommissionPayoutDto] }) items: CommissionPayoutDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
