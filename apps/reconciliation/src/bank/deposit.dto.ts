import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { invalidRequest } from '@quittance/service-kit/http/problem';
import { depositStates } from '../domain/deposit.ts';
import type { Deposit, DepositState, Identification } from '../domain/deposit.ts';
import { payoutReferenceOf } from '../domain/line-reference.ts';
import { MovementDto, there } from './bank-line.dto.ts';
import { IsDay } from './bank-statement.dto.ts';

export class DepositsQuery extends CursorQuery {
  @ApiPropertyOptional({ enum: depositStates })
  @IsOptional()
  @IsIn(depositStates, { message: `must be one of ${depositStates.join(', ')}` })
  state?: DepositState;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'Booked on this day or later.' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'Booked on this day or earlier.' })
  @IsOptional()
  @IsDay()
  to?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be the id of a bank account' })
  accountId?: string;
}

export class IdentifyDepositDto {
  @ApiPropertyOptional({ type: String, maxLength: 140, description: 'Whose money it is: a name or a locator.' })
  @IsOptional()
  @IsString()
  @Length(1, 140)
  party?: string;

  @ApiPropertyOptional({ type: String, maxLength: 64, description: 'The policy that it is for.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  policyLocator?: string;

  @ApiPropertyOptional({ type: String, maxLength: 500 })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  note?: string;

  static toIdentification({ party, policyLocator, note }: IdentifyDepositDto, clientId: string): Identification {
    if (party === undefined && policyLocator === undefined)
      throw invalidRequest([{ pointer: '/party', detail: 'party or policyLocator must be there' }]);
    return {
      ...{ party: party ?? null, policyLocator: policyLocator ?? null, note: note ?? null },
      identifiedBy: clientId,
    };
  }
}

export class DepositDto extends MovementDto {
  @ApiProperty({ format: 'uuid' })
  accountId: string;
  @ApiProperty({ format: 'uuid' })
  statementId: string;
  @ApiProperty({ enum: depositStates })
  state: DepositState;
  @ApiPropertyOptional({ type: String, description: 'The payout that its text names.' })
  payoutReference?: string;
  @ApiPropertyOptional({ type: String })
  party?: string;
  @ApiPropertyOptional({ type: String })
  policyLocator?: string;
  @ApiPropertyOptional({ type: String })
  note?: string;
  @ApiPropertyOptional({ type: String, description: 'The client that identified it.' })
  identifiedBy?: string;
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  identifiedAt?: string;

  static from(deposit: Deposit): DepositDto {
    const { accountId, statementId, state, party, policyLocator, note, identifiedBy, identifiedAt } = deposit;
    return {
      ...MovementDto.of(deposit),
      ...{ accountId, statementId, state },
      ...there({ payoutReference: payoutReferenceOf(deposit), party, policyLocator, note, identifiedBy }),
      ...there({ identifiedAt: identifiedAt?.toISOString() ?? null }),
    };
  }
}

export class DepositPageDto {
  @ApiProperty({ type: [DepositDto] })
  items: DepositDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
