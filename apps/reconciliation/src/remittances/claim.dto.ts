import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { amountOf, IsAmount } from '@quittance/service-kit/http/amounts';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { Matches } from 'class-validator';
import { IsDay } from '../bank/bank-statement.dto.ts';
import type { ChargedClaim, NewClaim } from './charged-claim.ts';

const AT_ONCE = 1_000;
const LINES = 999;

export class ChargeLineDto {
  @ApiProperty({ example: '99213', maxLength: 48 })
  @IsString()
  @Length(1, 48)
  procedure: string;

  @ApiProperty({ example: '400.00' })
  @IsAmount()
  charge: string;
}

export class NewClaimDto {
  @ApiProperty({ maxLength: 50, description: 'Of the claim; the same again changes nothing.' })
  @IsString()
  @Length(1, 50)
  number: string;

  @ApiProperty({ maxLength: 50, description: 'What an 835 names it by, in CLP01.' })
  @IsString()
  @Length(1, 50)
  patientAccount: string;

  @ApiProperty({ example: '400.00' })
  @IsAmount()
  charge: string;

  @ApiProperty({ example: 'USD' })
  @Matches(/^[A-Z]{3}$/, { message: 'must be an ISO 4217 currency code' })
  currency: string;

  @ApiProperty({ format: 'date' })
  @IsDay()
  servedOn: string;

  @ApiPropertyOptional({ type: [ChargeLineDto], maxItems: LINES })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(LINES)
  @ValidateNested({ each: true })
  @Type(() => ChargeLineDto)
  lines?: ChargeLineDto[];

  static toClaim(dto: NewClaimDto, index: number): NewClaim {
    const { number, patientAccount, currency, servedOn, lines = [] } = dto;
    const amount = amountOf(dto.charge, currency, `/claims/${index}/charge`, { positive: true });
    const charged = lines.map(({ procedure, charge }, n) => {
      const of = amountOf(charge, currency, `/claims/${index}/lines/${n}/charge`);
      return { procedure, charge: formatAmount(of) };
    });
    return { number, patientAccount, amount, servedOn, lines: charged };
  }
}

export class ImportClaimsDto {
  @ApiProperty({ type: [NewClaimDto], minItems: 1, maxItems: AT_ONCE })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(AT_ONCE)
  @ValidateNested({ each: true })
  @Type(() => NewClaimDto)
  claims: NewClaimDto[];
}

export class ClaimDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  number: string;
  @ApiProperty()
  patientAccount: string;
  @ApiProperty({ example: '400.00' })
  charge: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ format: 'date' })
  servedOn: string;
  @ApiProperty({ type: [ChargeLineDto] })
  lines: ChargeLineDto[];

  static from({ id, number, patientAccount, amount, servedOn, lines }: ChargedClaim): ClaimDto {
    const members = { id, number, patientAccount, charge: formatAmount(amount), currency: amount.currency };
    return Object.assign(new ClaimDto(), { ...members, servedOn, lines });
  }
}

export class ClaimsDto {
  @ApiProperty({ type: [ClaimDto] })
  items: ClaimDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}
