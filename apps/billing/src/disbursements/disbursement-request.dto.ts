import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { amountOf, IsAmountIn } from '@quittance/service-kit/http/amounts';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { Type } from 'class-transformer';
import { IsDefined, IsIn, IsOptional, IsString, IsUUID, Length, ValidateIf, ValidateNested } from 'class-validator';
import { disbursementMethods, disbursementRequestStates, payeeTypes } from '../domain/disbursement-request.ts';
import type {
  DisbursementMethod,
  DisbursementRequest,
  DisbursementRequestState,
  DisbursementTerms,
  PayeeType,
} from '../domain/disbursement-request.ts';
import { IsCurrencyCode } from '../policies/policy.validators.ts';

const sources = ['unapplied', 'suspense'] as const;
const ownerTypes = ['policy', 'policyholder'] as const;

export class FundOwnerDto {
  @ApiProperty({ enum: ownerTypes })
  @IsIn(ownerTypes)
  type: (typeof ownerTypes)[number];

  @ApiProperty({ maxLength: 64 })
  @IsString()
  @Length(1, 64)
  locator: string;
}

export class CreateDisbursementRequestDto {
  @ApiProperty({ enum: sources })
  @IsIn(sources)
  source: (typeof sources)[number];

  @ApiPropertyOptional({ type: () => FundOwnerDto, description: 'Whose unapplied money it is' })
  @ValidateIf(({ source }: CreateDisbursementRequestDto) => source === 'unapplied')
  @IsDefined()
  @ValidateNested()
  @Type(() => FundOwnerDto)
  owner?: FundOwnerDto;

  @ApiPropertyOptional({ format: 'uuid', description: 'The item of suspense that it is' })
  @ValidateIf(({ source }: CreateDisbursementRequestDto) => source === 'suspense')
  @IsUUID('all')
  suspenseId?: string;

  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'number' }], example: '20.00' })
  @IsAmountIn('currency', { positive: true })
  amount: string | number;

  @ApiProperty({ example: 'USD' })
  @IsCurrencyCode()
  currency: string;

  @ApiProperty({ enum: payeeTypes })
  @IsIn(payeeTypes)
  payeeType: PayeeType;

  @ApiPropertyOptional({ maxLength: 64 })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  payeeLocator?: string;

  @ApiPropertyOptional({ enum: disbursementMethods, description: 'Else who pays it decides' })
  @IsOptional()
  @IsIn(disbursementMethods)
  method?: DisbursementMethod;

  @ApiPropertyOptional({ maxLength: 500 })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  reason?: string;

  static toTerms(dto: CreateDisbursementRequestDto): DisbursementTerms {
    const { minor } = amountOf(dto.amount, dto.currency, '/amount', { positive: true });
    return {
      source:
        dto.source === 'unapplied'
          ? { type: 'unapplied', ownerType: dto.owner!.type, ownerLocator: dto.owner!.locator }
          : { type: 'suspense', suspenseId: dto.suspenseId!.toLowerCase() },
      currency: dto.currency,
      amountMinor: minor,
      payeeType: dto.payeeType,
      payeeLocator: dto.payeeLocator ?? null,
      method: dto.method ?? null,
      reason: dto.reason ?? null,
    };
  }
}

export class DisbursementRequestsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: disbursementRequestStates })
  @IsOptional()
  @IsIn(disbursementRequestStates)
  state?: DisbursementRequestState;
}

export class DisbursementRequestDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: disbursementRequestStates }) state: DisbursementRequestState;
  @ApiProperty({ enum: sources }) source: (typeof sources)[number];
  @ApiPropertyOptional({ type: () => FundOwnerDto }) owner?: FundOwnerDto;
  @ApiPropertyOptional({ format: 'uuid' }) suspenseId?: string;
  @ApiProperty({ example: '20.00' }) amount: string;
  @ApiProperty() currency: string;
  @ApiProperty({ enum: payeeTypes }) payeeType: PayeeType;
  @ApiPropertyOptional() payeeLocator?: string;
  @ApiPropertyOptional({ enum: disbursementMethods }) method?: DisbursementMethod;
  @ApiPropertyOptional() reason?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'Of payments, once it was paid or failed' })
  disbursementId?: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;

  static from(request: DisbursementRequest): DisbursementRequestDto {
    const { id, state, source, amountMinor, currency, payeeType, createdAt } = request;
    const { payeeLocator, method, reason, disbursementId } = request;
    return {
      ...{ id, state, source: source.type },
      ...(source.type === 'suspense'
        ? { suspenseId: source.suspenseId }
        : { owner: { type: source.ownerType, locator: source.ownerLocator } }),
      ...{ amount: formatAmount({ minor: amountMinor, currency }), currency, payeeType },
      ...(payeeLocator === null ? {} : { payeeLocator }),
      ...(method === null ? {} : { method }),
      ...(reason === null ? {} : { reason }),
      ...(disbursementId === null ? {} : { disbursementId }),
      createdAt: createdAt.toISOString(),
    };
  }
}

export class DisbursementRequestPageDto {
  @ApiProperty({ type: () => [DisbursementRequestDto] }) items: DisbursementRequestDto[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}
